import Archive
import BoundedDispatch
import Compression
import ExportModel
import Extraction
import Planning
import RunLedger

/// One account window: walked, judged, archived.
///
/// Lanes call its steps one after the other: ``begin()``, ``take(_:)`` for every event of the walk,
/// ``finish(_:_:)``; then ``PartitionRun/archive(_:)`` makes what it archived durable.
final class AccountRun: Sendable {
    /// What the account window holds from its begin to its end.
    private struct Work {
        var intake: AccountIntake
        /// The list of the window as it is now; nil at endpoints with windows.
        let requests: RequestIDs?
        /// Under which the archive keeps what is received now.
        var versionID: String
        /// What the ledger says of the window; nil at its first attempt.
        let record: WindowRecord?
        /// Slices of an earlier run were taken.
        var isResumed = false
        /// Of walks that came to their end.
        var requestCount = 0
        /// The provider was asked once more, because rows are gone.
        var isSecondWalk = false
        /// Why the window is published although it is not reconciled.
        var mismatch: ExtractionError?
    }

    /// Does the pieces of the window's walk.
    let extractor: WindowExtractor
    /// The partition that it goes into.
    let partition: PartitionRun
    /// What the plan says of the window.
    let planned: PlannedWindow
    /// Into the plan's windows.
    let index: Int
    /// As it is extracted now.
    let stream: Stream
    /// Sends the requests.
    let session: AccountSession
    /// What the ledger remembers the window by.
    let entry: LedgerEntry
    /// Counts and reports its requests.
    let observer: AccountObserver
    private let work = Guarded<Work?>(nil)

    /// What it shares with the other windows of the run.
    var shared: RunShared { partition.shared }

    init(_ planned: PlannedWindow, index: Int, in partition: PartitionRun) {
        let shared = partition.shared
        self.partition = partition
        self.planned = planned
        self.index = index
        stream = shared.reachability.adjusted(shared.pipeline.streams[planned.streamIndex])
        session = shared.sessions.session(
            streamIndex: planned.streamIndex, accountIndex: planned.accountIndex)
        entry = partition.entry(of: planned.account)
        observer = AccountObserver(
            RunEvent.Subject(entry.identity), of: stream,
            shared.environment.meter.stream(planned.streamIndex), shared.events)
        extractor = WindowExtractor(
            stream: stream, session: session, transport: shared.environment.transport,
            environment: shared.environment.clock, observer: observer)
    }

    // MARK: - Steps

    /// Opens what the window needs, and takes what an earlier run archived.
    func begin() -> RunBoard<AccountRun>.Outcome {
        if !planned.isFromArchive, shared.reachability.isGivenUp(stream) {
            return .ended(AccountEnd(self, status: .skipped))
        }
        do throws(ExportError) {
            let record = try storing(
                // No attempt: however it ends, the window is as complete as it was.
                planned.isFromArchive
                    ? try shared.ledger.window(entry.identity)
                    : try shared.ledger.markRunning(
                        [entry], runID: shared.runID, at: shared.environment.clock.now())[0])
            shared.environment.onReaching(.windowBegun)
            reportStart(attempt: record?.attempts ?? 0)
            let archive = try partition.archive()
            if let version = try archived(in: archive, record) {
                return .ended(AccountEnd(self, version: version))
            }
            if let refusal = session.refusal { throw ExportError(refusal.kind, refusal) }
            if stream.isDrain, planned.window.range != nil { return .drains(self) }
            return .begun(self, try prepare(archive, record))
        } catch {
            return .ended(ended(by: error))
        }
    }

    /// Takes what the walk reports.
    ///
    /// - Returns: what is to be compressed before the next step, or why the window cannot go on.
    func take(_ event: WalkEvent) -> Result<[CompressionJob], ExportError> {
        var jobs: [CompressionJob] = []
        let error = working { (work) throws(ExportError) in
            switch event {
            case .restart:
                report(.windowRestarted, "records moved between slices; it is walked again")
                try restart(&work)
            case .unreconciled(let error): work.mismatch = error
            case .slice(let slice):
                shared.environment.onReaching(.sliceReceived)
                try archive(slice, work)
                try work.intake.append(slice, counts: slice.counts)
                try work.intake.checkRejects(isWhole: false)
                report(slice)
                shared.environment.onReaching(.sliceStaged)
            }
            jobs = work.intake.takeCompressionJobs()
        }
        return error.map { .failure($0) } ?? .success(jobs)
    }

    /// Ends the window in the archive, or says what became of it. What is archived is durable only
    /// after the archive's commit.
    ///
    /// - Parameters:
    ///   - walk: as it ended.
    ///   - failure: what ``take(_:)`` failed with.
    /// - Returns: the walk to be done once more, or the end.
    func finish(_ walk: AccountWalk?, _ failure: ExportError?) -> AccountFinish {
        var finish: AccountFinish?
        let error = working { (work) throws(ExportError) in
            do throws(ExportError) {
                if let failure { throw failure }
                work.requestCount += try walk?.requests() ?? 0
                finish = try judge(&work)
            } catch {
                try abandon(work, error)
                throw error
            }
        }
        if let error { return .ended(ended(by: error)) }
        guard let finish else { preconditionFailure("a window that did not fail has an end") }
        if case .ended = finish { shared.reachability.note(nil, of: stream) }
        return finish
    }

    /// An account window of a drain, whole.
    func drain() -> AccountEnd {
        guard let range = planned.window.range else { preconditionFailure("drains have bounds") }
        do throws(ExportError) {
            let version = try DrainRun(account: self, range: range).drain()
            shared.reachability.note(nil, of: stream)
            return AccountEnd(self, version: version)
        } catch {
            return ended(by: error)
        }
    }

    /// How the window ends with an error.
    func ended(by error: ExportError) -> AccountEnd {
        shared.reachability.note(error, of: stream)
        if error.kind == .interrupted { return AccountEnd(self, status: .interrupted) }
        var end = AccountEnd(self, status: .failed)
        end.fail(error)
        return end
    }

    /// Runs a step on what the window holds.
    ///
    /// - Returns: what it threw.
    private func working(
        _ step: (inout Work) throws(ExportError) -> Void
    ) -> ExportError? {
        work.withLock { work in
            guard var held = work else { preconditionFailure("a window is begun first") }
            work = nil
            defer { work = held }
            do throws(ExportError) {
                try step(&held)
                return nil
            } catch {
                return error
            }
        }
    }

    // MARK: - Begin

    /// The version that needs no request: one that an earlier run archived and could not publish, or
    /// what a rebuild takes.
    private func archived(
        in archive: WindowArchive, _ record: WindowRecord?
    ) throws(ExportError) -> ArchivedVersion? {
        if planned.isFromArchive {
            guard let version = archive.latest(of: planned.account, including: shared.takesRefused)
            else { throw partition.missingArchive(of: planned.account) }
            return version
        }
        guard !stream.isDrain, let version = archive.latest(of: planned.account),
            version.id != record?.publishedVersionID,
            version.fingerprint == (try fingerprint(record, requestIDs()))
        else { return nil }
        return version
    }

    private func prepare(
        _ archive: WindowArchive, _ record: WindowRecord?
    ) throws(ExportError) -> AccountWalk {
        let requests = try requestIDs()
        let fingerprint = try fingerprint(record, requests)
        let build = try partition.makeBuildIfSingle()
        var work = Work(
            intake: AccountIntake(stream, account: planned.account, into: build),
            requests: requests, versionID: shared.makeVersionID(), record: record)
        let open = archive.open(of: planned.account)
        do throws(ExportError) {
            var resumed: AccountWalk?
            if let open, open.fingerprint == fingerprint, open.sliceCount > 0, mayResume(record) {
                resumed = try resume(open, archive, &work)
            }
            work.isResumed = resumed != nil
            if let open, resumed != nil {
                work.versionID = open.id
            } else {
                archive.begin(planned.account, id: work.versionID, fingerprint: fingerprint)
            }
            let walk = resumed ?? walk(work)
            if let requests { observer.expect(pages: requests.ids.count) }
            let begun = work
            self.work.withLock { $0 = begun }
            return walk
        } catch {
            build?.abandon()
            throw error
        }
    }

    /// Where the window is published, only an attempt that was killed or stopped goes on: whoever
    /// reads it again wants what the provider says now, not what a failed attempt once read.
    private func mayResume(_ record: WindowRecord?) -> Bool {
        record?.publishedVersionID == nil || [.running, .interrupted].contains(planned.state)
    }

    // MARK: - While it is walked

    /// Slices but the last are durable before the next is taken; the last becomes so with the
    /// window's end.
    private func archive(_ slice: ExtractedSlice, _ work: Work) throws(ExportError) {
        let archive = try partition.archive()
        let archived = ArchivedSlice(slice, isRequestList: work.requests != nil)
        try archiving(try archive.append(archived, to: work.versionID))
        let isLast =
            work.requests.map { archived.requests?.upperBound == $0.ids.count }
            ?? (slice.range?.end == planned.window.range?.end)
        if !isLast {
            try archiving(try archive.commit())
            shared.environment.onReaching(.sliceArchived)
        }
    }

    /// Forgets all slices, those in the archive too.
    private func restart(_ work: inout Work) throws(ExportError) {
        work.versionID = shared.makeVersionID()
        let fingerprint = try fingerprint(work.record, work.requests)
        try partition.archive().begin(
            planned.account, id: work.versionID, fingerprint: fingerprint)
        try work.intake.restart()
        work.mismatch = nil
        work.isResumed = false
    }

    // MARK: - End

    /// Rejects are judged first: rows that became rejects are not gone.
    private func judge(_ work: inout Work) throws(ExportError) -> AccountFinish {
        try work.intake.checkRejects(isWhole: true)
        if let shrinkage = try shrinkage(work) {
            let isConfirmed = !work.isResumed && work.record?.failure?.code == Shrinkage.code
            if !work.isSecondWalk, !isConfirmed {
                report(.windowAsksAgain, "\(shrinkage); the provider is asked once more")
                try restart(&work)
                work.isSecondWalk = true
                return .again(walk(work))
            }
            guard stream.windows.shrink == .replace else {
                return .ended(try keep(shrinkage, work))
            }
            report(.rowsGone, "\(shrinkage); they replace it, as `shrink: replace` says")
        }
        let version = try end(work, isRefused: false)
        return .ended(
            AccountEnd(
                self, version: version, work.intake.summary, work.requestCount))
    }

    private func shrinkage(_ work: Work) throws(ExportError) -> Shrinkage? {
        guard
            let shrinkage = Shrinkage(
                work.intake.summary,
                standing: try partition.standingRows(of: planned.account), record: work.record)
        else { return nil }
        return try isOtherList(work.requests) ? nil : shrinkage
    }

    private func end(_ work: Work, isRefused: Bool) throws(ExportError) -> ArchivedVersion {
        let archive = try partition.archive()
        let end = ArchivedEnd(
            requestCount: work.requestCount, extractedAt: shared.environment.clock.now(),
            requestListSHA256: work.requests?.sha256,
            mismatch: work.mismatch.map {
                ArchivedMismatch(kind: $0.kind, code: $0.code, message: $0.message)
            }, isRefused: isRefused)
        try archiving(try archive.end(work.versionID, end))
        let version = archive.versions(of: planned.account).last { $0.id == work.versionID }
        guard let version else { preconditionFailure("a version that was ended is there") }
        return version
    }

    /// Leaves what is published as it is, and says so.
    private func keep(_ shrinkage: Shrinkage, _ work: Work) throws(ExportError) -> AccountEnd {
        work.intake.build?.abandon()
        // The next attempt must look anew, not go on with rows that lack others.
        let archive = try partition.archive()
        try archiving(try archive.drop([work.versionID]))
        let error = ExportError(
            .shrunk, code: Shrinkage.code,
            message: """
                \(shrinkage), twice; what is published stays. If the rows are gone for good, publish \
                without them: backfill --force --shrink replace
                """)
        let isKept = stream.windows.shrink == .keep
        var end = AccountEnd(self, status: isKept ? .shrunk : .failed)
        end.fail(error, state: isKept ? .shrunk : .failed)
        end.result.rows = shrinkage.standing
        end.result.foundRows = shrinkage.found
        end.result.requests = work.requestCount
        return end
    }

    /// Rejects that are the reason are kept, so that they can be looked at and, once the endpoint's
    /// entry is mended, replayed. The provider may mend its records too, so the next run asks for
    /// them again.
    private func abandon(_ work: Work, _ error: ExportError) throws(ExportError) {
        work.intake.build?.abandon()
        guard error.kind == .tooManyRejects else { return }
        let version = try end(work, isRefused: true)
        let archive = try partition.archive()
        try archiving(try archive.commit())
        try RejectReplay(self).keep(version)
    }

    // MARK: - Walks

    private func walk(_ work: Work) -> AccountWalk {
        if let range = planned.window.range, work.requests == nil { return extractor.walk(range) }
        return extractor.walk(ids: work.requests?.ids ?? [])
    }

    /// Takes what an earlier run archived of a version that did not end, and walks the rest.
    ///
    /// - Returns: nil where the slices cannot be read any more; the window starts anew.
    private func resume(
        _ version: ArchivedVersion, _ archive: WindowArchive, _ work: inout Work
    ) throws(ExportError) -> AccountWalk? {
        do throws(ExportError) {
            let slices = try ArchivedSlices(version, in: archive, extractor, of: planned.window)
            var tools = CompressionTools()
            while let (slice, counts) = try slices.next() {
                try work.intake.append(slice, counts: counts)
                for job in work.intake.takeCompressionJobs() { job.run(with: &tools) }
            }
            reportResumption(sliceCount: version.sliceCount, rows: work.intake.summary.rowCount)
            return slices.walkOfTheRest(ids: work.requests?.ids)
        } catch {
            guard ArchivedSlices.isUnreadable(error) else { throw error }
            report(
                .archiveUnusable, "what an earlier run archived cannot be used: \(error.message)")
            try work.intake.restart()
            return nil
        }
    }
}
