import Compression
import ExportModel
import Extraction
import Logging
import Publication
import RunLedger
import Transformation

/// Takes the slices of one window as they are verified: journals them, types their rows, and
/// appends them to the staged partition. For one thread.
final class WindowIntake {
    /// Keeps the slices until the publication is recorded.
    let journal: PageJournal
    /// Added up over the slices.
    private(set) var counts = ExtractionCounts()
    private(set) var rejects = RejectTally()
    private(set) var absentFields: AbsentFields
    /// What readers see of the window now; nil where nothing stands, or nothing readable.
    let standingManifest: Manifest?
    /// How the published rows differ from those that stood before; nil before the publication,
    /// where nothing stood, and where nothing is known of its rows.
    private(set) var rowChanges: RowChanges?
    /// The journal could not be read any more, so the window starts from the beginning.
    private(set) var wasReset = false
    /// Why the window is published although it is not reconciled.
    private(set) var mismatch: ExtractionError?

    private let reach: @Sendable (CrashPoint) -> Void
    private let publisher: PartitionPublisher
    private let description: PartitionDescription
    private let accountName: String
    private let options: OutputOptions
    private let transformer: RowTransformer
    private let verifiedBy: VerificationBasis
    private let endpoint: Endpoint
    private let rejectLimit: RejectLimit
    private let identity: WindowIdentity
    private let kept: KeptRejects
    /// The window is not to be published, because of its rejects.
    private var isRefused = false
    private var staged: PartitionWriter
    private var tools = CompressionTools()
    private let digests: RowDigestFile
    private var firstStartedAt: Timestamp?
    private var lastStartedAt: Timestamp?

    init(
        _ recorder: WindowRecorder, window: Window, journal: PageJournal
    ) throws(ExportError) {
        let (stream, publisher) = (recorder.stream, recorder.shared.publisher)
        let description = recorder.description(of: window)
        self.publisher = publisher
        self.description = description
        accountName = recorder.account
        reach = recorder.shared.environment.onReaching
        self.journal = journal
        verifiedBy = stream.isDrain ? .drain : stream.requests == nil ? .total : .requestIDs
        rejectLimit = stream.extract.maxRejects
        endpoint = stream.endpoint
        absentFields = AbsentFields(of: stream.endpoint)
        identity = recorder.entry(of: window).identity
        kept = KeptRejects(
            recorder.shared.ledger.directory, disk: recorder.shared.environment.disk)
        transformer = RowTransformer(
            endpoint: stream.endpoint, plan: stream.columns, account: recorder.account,
            sourceZone: stream.sourceZone)
        standingManifest = publisher.standingManifest(at: description.location)
        options = recorder.shared.pipeline.output
        let state = recorder.shared.ledger.directory
        let identity = identity
        digests = RowDigestFile(
            in: state,
            of: PartitionIdentity(
                pipeline: identity.pipeline, stream: identity.stream, account: identity.account,
                window: identity.window), disk: recorder.shared.environment.disk)
        staged = try PartitionWriter(
            description, publisher: publisher, options: options, defersCompression: true)
    }

    /// Rows of the window so far.
    var rowCount: Int { staged.rowCount }
    /// Records of the window that are no rows, so far.
    var rejectCount: Int { staged.rejectCount }

    /// Takes what an earlier run journaled.
    ///
    /// - Parameter rebuild: makes the slice again from its pages; an error gives up the journal.
    func replay(
        _ rebuild: (JournaledSlice) throws(ExtractionError) -> ExtractedSlice
    ) throws(ExportError) {
        guard
            let reader = try storing({ () throws(LedgerError) in try journal.makeReader() })
        else { return }
        while let slice = try storing({ () throws(LedgerError) in try reader.next() }) {
            let rebuilt: ExtractedSlice
            do throws(ExtractionError) {
                rebuilt = try rebuild(slice)
            } catch {
                wasReset = true
                try restart()
                return
            }
            try append(rebuilt, counts: slice.counts)
            compress()
        }
    }

    /// Blocks of the partition for other lanes to compress, before the next slice is taken.
    func takeCompressionJobs() -> [CompressionJob] { staged.takeCompressionJobs() }

    /// The same on this lane.
    private func compress() {
        for job in staged.takeCompressionJobs() { job.run(with: &tools) }
    }

    /// Takes an event of a window's walk. The last slice is not journaled: nothing is asked for
    /// between it and the publication.
    func take(_ event: WalkEvent, of window: TimeRange) throws(ExportError) {
        switch event {
        case .restart: try restart()
        case .unreconciled(let error): mismatch = error
        case .slice(let slice):
            reach(.sliceReceived)
            if let range = slice.range, range.end < window.end {
                try append(toJournal: slice, requests: nil)
            }
            try append(slice, counts: slice.counts)
        }
    }

    /// Takes a chunk of a request list.
    func take(_ event: WalkEvent, ids: [String]) throws(ExportError) {
        switch event {
        case .restart: try restart()
        case .unreconciled(let error): mismatch = error
        case .slice(let slice):
            reach(.sliceReceived)
            let numbers = slice.pages.map(\.number) + slice.unknownRequestIDs.map(\.number)
            let first = (numbers.min() ?? 1) - 1
            let end = numbers.max() ?? 0
            if end < ids.count { try append(toJournal: slice, requests: first..<end) }
            try append(slice, counts: slice.counts)
        }
    }

    /// Takes rows that are journaled elsewhere.
    func take(_ slice: ExtractedSlice) throws(ExportError) {
        try append(slice, counts: slice.counts)
        compress()
    }

    /// Makes the partition durable and visible.
    ///
    /// - Parameter rewriting: see ``PreparedPartition/publish(rewriting:)``.
    /// - Throws: `too_many_rejects`, before anything is visible.
    func publish(
        at moment: Timestamp, rewriting: Bool
    ) throws(ExportError) -> PublishedPartition {
        try checkRejects(isWhole: true)
        var account = ManifestAccount(
            accountName, counts: counts, verifiedBy: verifiedBy,
            reconciled: mismatch == nil, extractedAt: moment)
        account.firstStartedAt = firstStartedAt.map(ManifestTime.init)
        account.lastStartedAt = lastStartedAt.map(ManifestTime.init)
        staged.endAccount(account)
        let prepared = try staged.prepare(publishedAt: moment)
        try storing { () throws(LedgerError) in
            try digests.finish(version: prepared.manifest.rowVersion)
            if let standingManifest {
                rowChanges = try digests.changes(since: standingManifest.rowVersion)
            }
        }
        reach(.partitionPrepared)
        let published = try publishing { () throws(PartitionError) in
            try prepared.publish(rewriting: rewriting)
        }
        if !published.changed { rowChanges = RowChanges(late: 0, changed: 0, gone: 0) }
        reach(.partitionPublished)
        try storing { () throws(LedgerError) in try digests.commit() }
        return published
    }

    /// Removes what was staged; what cannot be removed now is removed by the next run. Rejects that
    /// are the reason are kept, so that they can be looked at.
    func abandon(logger: Logger) {
        if isRefused {
            do throws(ExportError) {
                try keepRejects()
            } catch {
                logger.warning("the rejects of \(identity) could not be kept: \(error.message)")
            }
        }
        do {
            try staged.abandon()
        } catch {
            logger.warning("staged files stay until the next run: \(error.message)")
        }
        do {
            try digests.discard()
        } catch {
            logger.warning("\(error.message)")
        }
    }

    private func keepRejects() throws(ExportError) {
        guard let file = try staged.finishRejects() else { return }
        try storing { () throws(LedgerError) in try kept.keep(file, of: identity) }
    }

    /// Forgets all slices, those in the journal too.
    func restart() throws(ExportError) {
        try storing { () throws(LedgerError) in
            try journal.remove()
            try digests.restart()
        }
        try staged.abandon()
        staged = try PartitionWriter(
            description, publisher: publisher, options: options, defersCompression: true)
        counts = ExtractionCounts()
        rejects = RejectTally()
        absentFields = AbsentFields(of: endpoint)
        mismatch = nil
        firstStartedAt = nil
        lastStartedAt = nil
    }

    private func append(
        toJournal slice: ExtractedSlice, requests: Range<Int>?
    ) throws(ExportError) {
        let journaled = JournaledSlice(
            range: slice.range, requests: requests, counts: slice.counts,
            pages: slice.pages.map {
                JournaledPage(number: $0.number, requestID: $0.requestID, body: $0.body)
            }, foreign: slice.foreign)
        try storing { () throws(LedgerError) in try journal.append(journaled) }
        reach(.sliceJournaled)
    }

    private func append(
        _ slice: ExtractedSlice, counts sliceCounts: ExtractionCounts
    ) throws(ExportError) {
        let (staged, digests, account) = (staged, digests, identity.account)
        let transformed = try transformer.transform(slice) { (rows) throws(ExportError) in
            let values = try staged.append(rows.batch)
            try storing { () throws(LedgerError) in
                try digests.append(
                    account: account, keyHashes: rows.keyHashes, valueHashes: values)
            }
        }
        try staged.append(transformed.rejects)
        counts += sliceCounts
        rejects.add(transformed.rejects)
        absentFields.add(
            occurring: transformed.occurringFields,
            recordCount: slice.rows.count + slice.unidentified.count)
        firstStartedAt = [firstStartedAt, transformed.firstStartedAt].compactMap { $0 }.min()
        lastStartedAt = [lastStartedAt, transformed.lastStartedAt].compactMap { $0 }.max()
        try checkRejects(isWhole: false)
        reach(.sliceStaged)
    }

    /// - Parameter isWhole: whether all records are here, so that their share counts.
    /// - Throws: `too_many_rejects`.
    func checkRejects(isWhole: Bool) throws(ExportError) {
        let failure = rejects.failure(
            of: rejectLimit, rowCount: staged.rowCount, isWhole: isWhole)
        guard let failure else { return }
        isRefused = true
        throw failure
    }
}

extension PageBody {
    /// A page as the journal kept it.
    init(journaled page: JournaledPage) {
        self.init(number: page.number, requestID: page.requestID, body: page.body)
    }
}

extension Manifest {
    /// By what a file of row digests names this version.
    var rowVersion: RowVersion {
        RowVersion(contentSHA256: contentSHA256, schemaSHA256: schemaSHA256, rowCount: rows)
    }
}
