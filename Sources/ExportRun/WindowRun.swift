import BoundedDispatch
import Compression
import ExportModel
import Extraction
import Logging
import Planning
import Publication
import RunLedger
import Transformation

/// One window end to end: extraction → transformation → partition → ledger.
///
/// Compute lanes call its steps one after the other: ``begin()``, ``take(_:)`` for every event of
/// the walk, ``finish(_:_:)``. What it shares with other windows is in `shared`.
final class WindowRun: Sendable {
    /// What all windows of a run share.
    struct Shared: Sendable {
        let pipeline: Pipeline
        let runID: String
        let environment: RunEnvironment
        let ledger: Ledger
        let publisher: PartitionPublisher
        let sessions: AccountSessions
        let manifests: PublishedPartitions
        let reachability: Reachability
        /// ``PlanFingerprint/content(of:output:)`` by the stream's name.
        let fingerprints: [String: String]
    }

    /// What the window holds from its begin to its end.
    private struct Work {
        let intake: WindowIntake
        /// The list of the window as it is now; nil at endpoints with windows.
        let requests: RequestIDs?
        /// What the ledger says of the window; nil at its first attempt.
        let record: WindowRecord?
        /// Of walks that came to their end.
        var requestCount = 0
        /// The provider was asked once more, because rows are gone.
        var isSecondWalk = false
    }

    /// Does the pieces of the window's walk.
    let extractor: WindowExtractor
    /// What it shares with the other windows of the run.
    let shared: Shared
    /// What the plan says of the window.
    let planned: PlannedWindow
    /// As it is extracted now.
    let stream: Stream
    private let session: AccountSession
    private let recorder: WindowRecorder
    /// What the ledger remembers the window by.
    let entry: LedgerEntry
    private let work = Guarded<Work?>(nil)

    init(_ planned: PlannedWindow, shared: Shared) {
        self.shared = shared
        self.planned = planned
        stream = shared.reachability.adjusted(shared.pipeline.streams[planned.streamIndex])
        session = shared.sessions.session(
            streamIndex: planned.streamIndex, accountIndex: planned.accountIndex)
        extractor = WindowExtractor(
            stream: stream, session: session, transport: shared.environment.transport,
            environment: shared.environment.clock)
        recorder = WindowRecorder(shared: shared, stream: stream, account: planned.account)
        entry = recorder.entry(of: planned.window)
    }

    /// Opens what the window needs, and takes what an earlier run verified.
    func begin() -> RunBoard<WindowRun>.Outcome {
        if shared.reachability.isGivenUp(stream) {
            return .ended(WindowResult(recorder.name(of: planned.window), status: .skipped))
        }
        do throws(ExportError) {
            if let refusal = session.refusal { throw ExportError(refusal.kind, refusal) }
            let record = try storing { () throws(LedgerError) in
                try shared.ledger.markRunning(
                    [entry], runID: shared.runID, at: shared.environment.clock.now()
                )[0]
            }
            shared.environment.onReaching(.windowBegun)
            if stream.isDrain, planned.window.range != nil { return .drains(self) }
            return .begun(self, try prepare(record))
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
            if let range = planned.window.range, work.requests == nil {
                try work.intake.take(event, of: range)
            } else {
                try work.intake.take(event, ids: work.requests?.ids ?? [])
            }
            jobs = work.intake.takeCompressionJobs()
        }
        return error.map { .failure($0) } ?? .success(jobs)
    }

    /// Publishes and records the window, or says what became of it.
    ///
    /// - Parameters:
    ///   - walk: as it ended.
    ///   - failure: what ``take(_:)`` failed with.
    func finish(_ walk: AccountWalk?, _ failure: ExportError?) -> RunBoard<WindowRun>.Outcome {
        var outcome: RunBoard<WindowRun>.Outcome?
        let error = working { (work) throws(ExportError) in
            let end: End
            do throws(ExportError) {
                if let failure { throw failure }
                try count(walk, into: &work)
                end = try judge(&work)
            } catch {
                work.intake.abandon(logger: shared.environment.logger)
                // The provider may mend its records, so the next run asks for them again.
                if error.kind == .tooManyRejects {
                    try storing { () throws(LedgerError) in try work.intake.journal.remove() }
                }
                throw error
            }
            outcome =
                switch end {
                case .again(let walk): .again(walk)
                case .kept(let result): .ended(result)
                case .published(let published): .ended(try record(published, work))
                }
        }
        if let error { return .ended(ended(by: error)) }
        guard let outcome else { preconditionFailure("a window that did not fail has an outcome") }
        if case .ended = outcome { shared.reachability.note(nil, of: stream) }
        return outcome
    }

    /// A window of a drain, whole.
    func drain() -> WindowResult {
        guard let range = planned.window.range else { preconditionFailure("drains have bounds") }
        do throws(ExportError) {
            let result = try DrainRun(
                shared: shared, recorder: recorder, session: session, window: planned.window,
                range: range
            ).export()
            shared.reachability.note(nil, of: stream)
            return result
        } catch {
            return ended(by: error)
        }
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

    // MARK: - Steps

    private func prepare(_ record: WindowRecord?) throws(ExportError) -> AccountWalk {
        let requests = try requestIDs()
        let journal = try openJournal(record?.published, requests)
        return try work.withLock { (work) throws(ExportError) in
            let intake = try WindowIntake(recorder, window: planned.window, journal: journal)
            work = Work(intake: intake, requests: requests, record: record)
            do throws(ExportError) {
                return try resume(intake, requests)
            } catch {
                intake.abandon(logger: shared.environment.logger)
                throw error
            }
        }
    }

    private func count(_ walk: AccountWalk?, into work: inout Work) throws(ExportError) {
        do throws(ExtractionError) {
            work.requestCount += try walk?.result() ?? 0
        } catch {
            throw ExportError(error.kind, error)
        }
    }

    /// What becomes of a window whose walk came to its end.
    private enum End {
        case again(AccountWalk)
        /// What is published stays as it is.
        case kept(WindowResult)
        case published(PublishedPartition)
    }

    /// Rejects are judged first: rows that became rejects are not gone.
    private func judge(_ work: inout Work) throws(ExportError) -> End {
        let (intake, standing) = (work.intake, work.record?.published)
        try intake.checkRejects(isWhole: true)
        if let shrinkage = Shrinkage(intake, recorded: standing),
            try !isOtherList(work.requests)
        {
            if !work.isSecondWalk,
                !shrinkage.isConfirmed(by: work.record, journal: intake.journal)
            {
                note("\(shrinkage); the provider is asked once more")
                try intake.restart()
                work.isSecondWalk = true
                return .again(try resume(intake, work.requests))
            }
            guard stream.windows.shrink == .replace else {
                return .kept(
                    try keep(standing, shrinkage, intake, requestCount: work.requestCount))
            }
            note("\(shrinkage); they replace it, as `shrink: replace` says")
        }
        return .published(
            try intake.publish(
                at: shared.environment.clock.now(), rewriting: recorder.isOutdated(standing)))
    }

    private func record(
        _ published: PublishedPartition, _ work: Work
    ) throws(ExportError) -> WindowResult {
        let (intake, requestCount) = (work.intake, work.requestCount)
        try recorder.record(
            published, of: planned.window, replacing: work.record?.published, intake: intake,
            requestCount: requestCount)
        if let requests = work.requests {
            try storing { () throws(LedgerError) in
                try shared.ledger.markRequestList(requests.sha256, of: entry.identity)
            }
        }
        shared.environment.onReaching(.publicationRecorded)
        try storing { () throws(LedgerError) in try intake.journal.remove() }
        shared.environment.onReaching(.windowDone)
        return recorder.result(
            published, of: planned.window, intake: intake, requestCount: requestCount)
    }

    /// Whether the window's request ids are not those it was published with: fewer rows are what
    /// was asked for then.
    private func isOtherList(_ requests: RequestIDs?) throws(ExportError) -> Bool {
        guard let requests else { return false }
        let known = try storing { () throws(LedgerError) in
            try shared.ledger.requestList(of: entry.identity)
        }
        return known != nil && known != requests.sha256
    }

    /// Leaves what is published as it is, and says so.
    private func keep(
        _ standing: PartitionOutcome?, _ shrinkage: Shrinkage, _ intake: WindowIntake,
        requestCount: Int
    ) throws(ExportError) -> WindowResult {
        intake.abandon(logger: shared.environment.logger)
        // The next attempt must look anew, not go on with rows that lack others.
        try storing { () throws(LedgerError) in try intake.journal.remove() }
        let error = ExportError(
            .shrunk, code: Shrinkage.code,
            message: """
                \(shrinkage), twice; what is published stays. If the rows are gone for good, publish \
                without them: backfill --force --shrink replace
                """)
        let state: WindowState = stream.windows.shrink == .keep ? .shrunk : .failed
        var result = failed(error, state: state)
        result.directory = standing?.directory
        result.rows = shrinkage.standing
        result.foundRows = shrinkage.found
        result.requests = requestCount
        return result
    }

    private func note(_ text: String) {
        shared.environment.logger.warning("\(entry.identity): \(text)")
    }

    /// The list of the window as it is now; nil at endpoints with windows.
    private func requestIDs() throws(ExportError) -> RequestIDs? {
        guard let list = stream.requests else { return nil }
        return try RequestIDs(list, window: "\(planned.window.key)")
    }

    private func ended(by error: ExportError) -> WindowResult {
        shared.reachability.note(error, of: stream)
        return error.kind == .interrupted ? interrupted() : failed(error)
    }

    private func interrupted() -> WindowResult {
        do {
            try shared.ledger.markInterrupted(
                [entry], runID: shared.runID, at: shared.environment.clock.now())
        } catch {
            shared.environment.logger.error(
                "\(entry.identity): the interruption could not be recorded: \(error.message)")
        }
        return WindowResult(recorder.name(of: planned.window), status: .interrupted)
    }

    private func failed(_ error: ExportError, state: WindowState = .failed) -> WindowResult {
        var result = WindowResult(
            recorder.name(of: planned.window), status: state == .shrunk ? .shrunk : .failed)
        result.failure = WindowResult.Failure(
            kind: error.kind, code: error.code, message: error.message)
        let failure = FailureRecord(
            runID: shared.runID, failedAt: shared.environment.clock.now(), state: state,
            kind: error.kind, code: error.code, message: error.message)
        do {
            try shared.ledger.markFailed(entry, failure)
        } catch {
            shared.environment.logger.error(
                "\(entry.identity): the failure could not be recorded: \(error.message)")
        }
        return result
    }
}

/// Runs a ledger or journal operation; its errors are storage errors of the window.
func storing<Value>(
    _ body: () throws(LedgerError) -> Value
) throws(ExportError) -> Value {
    do {
        return try body()
    } catch {
        throw ExportError(.storage, error)
    }
}

/// Runs a step of publication; its errors are storage errors of the window.
func publishing<Value>(
    _ body: () throws(PartitionError) -> Value
) throws(ExportError) -> Value {
    do {
        return try body()
    } catch {
        throw ExportError(.storage, error)
    }
}
