import Archive
import BoundedDispatch
import Compression
import ExportModel
import Extraction
import Planning
import Publication
import RunLedger

/// One partition of a run: archives its account windows, and when all have ended makes and publishes
/// it.
///
/// A partition of a single account takes the rows while they are walked. Any other, and one whose
/// account windows were archived before, is made of the archive: ``make(_:)`` is called until there
/// is nothing left to make.
final class PartitionRun: Sendable {
    /// What is done with the partition step by step.
    private struct State {
        var archive: WindowArchive?
        /// Account windows of the partition that the ledger knows, by account; nil until read.
        var records: [String: WindowRecord]?
        /// What readers see now; nil until it was looked for.
        var standing: Standing?
        /// The version being made.
        var build: PartitionBuild?
        var making: PartitionMaking?
        /// Why it cannot be made.
        var failure: ExportError?
    }

    private struct Standing {
        var manifest: Manifest?
        /// By account.
        var rows: [String: Int] = [:]
    }

    let shared: RunShared
    /// As in the pipeline.
    let stream: Stream
    let window: Window
    /// nil: all accounts of the stream together, or those of ``bucket``.
    let account: String?
    /// nil: all accounts of the stream.
    let bucket: Bucket?
    /// Names of the accounts that the pipeline file has of it.
    private let listed: Set<String>
    /// Account windows that the plan has of it.
    private let planned: [PlannedWindow]
    private let state = Guarded(State())

    init(_ planned: [PlannedWindow], shared: RunShared) {
        self.shared = shared
        self.planned = planned
        stream = shared.pipeline.streams[planned[0].streamIndex]
        window = planned[0].window
        let output = shared.pipeline.output
        account = output.partition == .account ? planned[0].account : nil
        bucket = output.bucket(of: planned[0].account)
        listed = account.map { [$0] } ?? shared.listed(planned[0].streamIndex, bucket)
    }

    /// What the ledger remembers the partition by.
    var identity: PartitionIdentity {
        PartitionIdentity(
            pipeline: shared.pipeline.name, stream: stream.name, account: account,
            bucket: bucket?.index, window: "\(window.key)")
    }

    /// What events are about.
    var subject: RunEvent.Subject {
        RunEvent.Subject(stream: stream.name, account: account, window: "\(window.key)")
    }

    /// What the ledger remembers an account window of it by.
    func entry(of account: String) -> LedgerEntry {
        LedgerEntry(
            identity: WindowIdentity(
                pipeline: shared.pipeline.name, stream: stream.name, account: account,
                window: "\(window.key)"),
            window: window)
    }

    // MARK: - What account windows need

    /// The archive of the window.
    func archive() throws(ExportError) -> WindowArchive {
        try state.withLock { (state) throws(ExportError) in try archive(&state) }
    }

    private func archive(_ state: inout State) throws(ExportError) -> WindowArchive {
        if let known = state.archive { return known }
        let archive = try archiving(
            try shared.archive.window(stream: stream.name, key: "\(window.key)"))
        for notice in archive.notices {
            shared.events.report(RunEvent(.archiveNoted, of: subject, "\(notice)"))
        }
        state.archive = archive
        return archive
    }

    /// Rows of an account that readers see; nil where nothing stands.
    func standingRows(of account: String) throws(ExportError) -> Int? {
        try state.withLock { (state) throws(ExportError) in
            let standing = try standing(&state)
            return standing.manifest == nil ? nil : standing.rows[account] ?? 0
        }
    }

    private func standing(_ state: inout State) throws(ExportError) -> Standing {
        if let known = state.standing { return known }
        var standing = Standing(
            manifest: try publishing(
                try shared.publisher.standingManifest(at: description.location)))
        for account in standing.manifest?.accounts ?? [] {
            standing.rows[account.account] = account.rows
        }
        state.standing = standing
        return standing
    }

    /// The build that takes an account's rows while they are walked; nil where the partition has
    /// other accounts.
    func makeBuildIfSingle() throws(ExportError) -> PartitionBuild? {
        try state.withLock { (state) throws(ExportError) in
            guard planned.count == 1 else { return nil }
            if account == nil {
                let others = try records(&state).keys.contains { $0 != planned[0].account }
                if others || listed.count > 1 { return nil }
            }
            let build = try makeBuild(&state)
            state.build = build
            return build
        }
    }

    /// What publication must know of the partition.
    private var description: PartitionDescription {
        var description = PartitionDescription(
            pipeline: shared.pipeline.name, stream: stream.name, endpoint: stream.endpoint.id,
            account: account, bucket: bucket, window: window, schema: stream.columns.schema)
        description.settingsSHA256 = shared.fingerprints[stream.name] ?? ""
        return description
    }

    private func makeBuild(_ state: inout State) throws(ExportError) -> PartitionBuild {
        try PartitionBuild(
            description, of: identity, standing: try standing(&state).manifest, shared)
    }

    private func records(_ state: inout State) throws(ExportError) -> [String: WindowRecord] {
        if let known = state.records { return known }
        let records = try storing(
            try shared.ledger.accounts(
                pipeline: shared.pipeline.name, stream: stream.name, window: "\(window.key)"))
        let own = records.filter { bucket?.holds(account: $0.identity.account) ?? true }
        let found = Dictionary(own.map { ($0.identity.account, $0) }) { first, _ in first }
        state.records = found
        return found
    }

    /// Whether the plan has an account window of the partition only to make it of the archive.
    func isFromArchive(_ account: String) -> Bool {
        planned.first { $0.account == account }?.isFromArchive ?? false
    }

    /// What the archive should have of an account and does not.
    func missingArchive(of account: String) -> ExportError {
        let remedy =
            listed.contains(account)
            ? "ask the provider again: backfill --force --stream \(stream.name)"
            : "it has left the pipeline file, and what is published of it would be lost; list it "
                + "again, or leave it out: rebuild --only-listed"
        return ExportError(
            .storage, code: ArchiveError.Code.archiveMissing.rawValue,
            message: """
                the archive has nothing of account '\(account)' in window \(window.key); \(remedy)
                """)
    }

    // MARK: - Archiving

    /// Ends account windows that have been walked, and makes what they archived durable with one
    /// sync.
    func archive(_ walked: [WalkedWindow<AccountRun>]) -> RunBoard<AccountRun>.Outcome {
        var again: [WalkedWindow<AccountRun>] = []
        var ended: [AccountEnd] = []
        for window in walked {
            switch window.run.finish(window.walk, window.failure) {
            case .again(let walk):
                again.append(
                    WalkedWindow(index: window.index, run: window.run, walk: walk, failure: nil))
            case .ended(let end): ended.append(end)
            }
        }
        secure(&ended)
        if planned.count == 1, let end = ended.first, end.version == nil || hasBuild {
            return .published(publish(ended))
        }
        return .archived(again: again, ended: ended)
    }

    private var hasBuild: Bool { state.withLock { $0.build != nil } }

    /// What is archived is also recorded, so that a plan shows it; the archive is what counts.
    private func secure(_ ends: inout [AccountEnd]) {
        guard ends.contains(where: { $0.version != nil }) else { return }
        do throws(ExportError) {
            let archive = try archive()
            try archiving(try archive.commit())
            shared.environment.onReaching(.accountsArchived)
            if planned.count == 1 { return }
            let outcomes = ends.compactMap { end in end.outcome.map { (end.entry, $0) } }
            try storing(try shared.ledger.markArchived(outcomes))
        } catch {
            // A partition must not be made of what the archive may not have tomorrow.
            for index in ends.indices where ends[index].version != nil {
                ends[index].version = nil
                ends[index].fail(error)
            }
        }
    }

    // MARK: - Making

    /// A step of making the partition.
    func make(_ ends: [AccountEnd]) -> RunBoard<AccountRun>.Outcome {
        state.withLock { state in
            do throws(ExportError) {
                guard isDue(ends), state.build == nil || state.making != nil else {
                    return .made([], isLast: true)
                }
                if shared.stop.isStopped { throw ExportError.interrupted }
                var making: PartitionMaking
                if let begun = state.making {
                    making = begun
                } else {
                    making = try begin(ends, &state)
                }
                let isLast = try making.step()
                let jobs = making.build.takeCompressionJobs()
                state.making = making
                return .made(jobs, isLast: isLast)
            } catch {
                state.failure = error
                return .made([], isLast: true)
            }
        }
    }

    /// Makes and publishes a partition of one account window on the calling thread.
    func publishNow(_ end: AccountEnd) -> WindowResult {
        var tools = CompressionTools()
        while case .made(let jobs, let isLast) = make([end]) {
            for job in jobs { job.run(with: &tools) }
            if isLast { break }
        }
        return publish([end]).windows[0].result
    }

    /// Whether every account window has ended, and one of them brought something.
    private func isDue(_ ends: [AccountEnd]) -> Bool {
        ends.count == planned.count && ends.allSatisfy(\.hasEnded)
            && ends.contains { $0.version != nil }
    }

    private func begin(
        _ ends: [AccountEnd], _ state: inout State
    ) throws(ExportError) -> PartitionMaking {
        let members = try members(ends, &state)
        if shared.pipeline.output.publish == .complete,
            let missing = members.first(where: \.isMissing)
        {
            throw ExportError.waiting(for: missing.account)
        }
        let build = try makeBuild(&state)
        state.build = build
        return PartitionMaking(
            members: members, archive: try archive(&state), build: build, stream: stream,
            window: window, extractor: extractor, standingRows: try standing(&state).rows)
    }

    /// Accounts of the partition by name: those of the stream, and those that left the pipeline
    /// file and are in it.
    private func members(
        _ ends: [AccountEnd], _ state: inout State
    ) throws(ExportError) -> [PartitionMember] {
        let records = try records(&state)
        let archive = try archive(&state)
        let byAccount = Dictionary(ends.map { ($0.account, $0) }) { first, _ in first }
        var accounts = listed
        if account == nil, !shared.onlyListedAccounts {
            accounts.formUnion(
                records.values.filter { $0.publishedVersionID != nil || $0.state == .archived }.map(
                    \.identity.account))
        }
        let sorted = accounts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var members: [PartitionMember] = []
        for account in sorted {
            let (end, record) = (byAccount[account], records[account])
            let content: PartitionMember.Content
            if let version = end?.version ?? kept(of: account, in: archive) {
                try checkQuestion(of: version)
                content = .version(version)
            } else if record?.publishedVersionID != nil {
                throw missingArchive(of: account)
            } else {
                content = .missing(
                    reason: end?.failure?.message ?? record?.failure?.message
                        ?? "it was not exported yet")
            }
            members.append(
                PartitionMember(account: account, content: content, end: end, record: record))
        }
        return members
    }

    /// What is archived must answer what the pipeline file asks today: with other parameters there
    /// may be other records. What was drained cannot be asked for again.
    private func checkQuestion(of version: ArchivedVersion) throws(ExportError) {
        let question = PlanFingerprint.question(of: stream)
        if version.isDrained || version.fingerprint.hasPrefix(question) { return }
        throw ExportError(
            .storage, code: .archiveOfOtherRequest,
            message: """
                what the archive has of account '\(version.account)' in window \(window.key) answers \
                another request: parameters, path, window, key or total were changed since; ask the \
                provider again: backfill --force --stream \(stream.name)
                """)
    }

    /// What the archive has of an account that came to its end. Records that the drain of another
    /// window was handed out are not all of this one.
    private func kept(of account: String, in archive: WindowArchive) -> ArchivedVersion? {
        let hasEnded = archive.versions(of: account).contains { $0.end != nil && !$0.isRouted }
        return hasEnded ? archive.latest(of: account) : nil
    }

    /// Of any account: what is archived is read the same way for all.
    private var extractor: WindowExtractor {
        WindowExtractor(
            stream: stream,
            session: shared.sessions.session(
                streamIndex: planned[0].streamIndex, accountIndex: planned[0].accountIndex),
            transport: shared.environment.transport, environment: shared.environment.clock)
    }

    // MARK: - What was made

    /// What is to be published.
    struct Made {
        var build: PartitionBuild?
        var members: [PartitionMember] = []
        var failure: ExportError?
    }

    /// Hands out what was made; a build that took the rows of a walk is ended.
    func takeMade(_ ends: [AccountEnd]) -> Made {
        state.withLock { state in
            defer { (state.making, state.build, state.failure) = (nil, nil, nil) }
            var made = Made(build: nil, failure: state.failure)
            guard isDue(ends) else {
                state.build?.abandon()
                return made
            }
            made.build = state.build
            // What failed half-way is only abandoned.
            if made.failure != nil { return made }
            if let making = state.making {
                made.members = making.members
            } else if let build = made.build, let version = ends[0].version,
                let summary = ends[0].summary
            {
                made.members = [
                    PartitionMember(
                        account: ends[0].account, content: .version(version), end: ends[0],
                        record: nil, summary: summary)
                ]
                build.endAccount(ManifestAccount(version, summary, of: stream))
            }
            return made
        }
    }
}
