import ExportModel
import Extraction
import Logging
import PartitionWriting
import Planning
import RunLedger
import Transformation

/// One window end to end: extraction → transformation → partition → ledger.
///
/// Runs on a lane of the run's outer group; everything it shares with other windows is in `shared`.
struct WindowRun {
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

    private let shared: Shared
    private let planned: PlannedWindow
    private let stream: Stream
    private let recorder: WindowRecorder
    private let entry: LedgerEntry

    init(_ planned: PlannedWindow, shared: Shared) {
        self.shared = shared
        self.planned = planned
        stream = shared.reachability.adjusted(shared.pipeline.streams[planned.streamIndex])
        recorder = WindowRecorder(shared: shared, stream: stream, account: planned.account)
        entry = recorder.entry(of: planned.window)
    }

    /// Never throws: a failure is recorded and returned, and other windows go on.
    func run() -> WindowResult {
        if shared.reachability.isGivenUp(stream) {
            return WindowResult(recorder.name(of: planned.window), status: .skipped)
        }
        let now = shared.environment.clock.now()
        do throws(ExportError) {
            if let refusal = session.refusal { throw ExportError(refusal.kind, refusal) }
            try storing { () throws(LedgerError) in
                try shared.ledger.markRunning([entry], runID: shared.runID, at: now)
            }
            shared.environment.onReaching(.windowBegun)
            let result = stream.isDrain ? try drain() : try export()
            shared.reachability.note(nil, of: stream)
            return result
        } catch {
            shared.reachability.note(error, of: stream)
            return ended(by: error)
        }
    }

    private var session: AccountSession {
        shared.sessions.session(
            streamIndex: planned.streamIndex, accountIndex: planned.accountIndex)
    }

    private func export() throws(ExportError) -> WindowResult {
        let record = try recorder.record(of: planned.window)
        let standing = record?.published
        let requests = try requestIDs()
        let journal = try openJournal(standing, requests)
        let intake = try WindowIntake(recorder, window: planned.window, journal: journal)
        let published: PublishedPartition
        var requestCount = 0
        do {
            requestCount = try walk(requests, into: intake)
            let mayShrink = try isOtherList(requests)
            let shrinkage = mayShrink ? nil : Shrinkage(intake, recorded: standing)
            if let shrinkage, !shrinkage.isConfirmed(by: record, journal: journal) {
                note("\(shrinkage); the provider is asked once more")
                try intake.restart()
                requestCount += try walk(requests, into: intake)
            }
            if !mayShrink, let shrinkage = Shrinkage(intake, recorded: standing) {
                guard stream.windows.shrink == .replace else {
                    return try keep(standing, shrinkage, intake, requestCount: requestCount)
                }
                note("\(shrinkage); they replace it, as `shrink: replace` says")
            }
            published = try intake.publish(
                at: shared.environment.clock.now(), rewriting: recorder.isOutdated(standing))
        } catch {
            intake.abandon(logger: shared.environment.logger)
            // The provider may mend its records, so the next run asks for them again.
            if error.kind == .tooManyRejects {
                try storing { () throws(LedgerError) in try journal.remove() }
            }
            throw error
        }
        try recorder.record(
            published, of: planned.window, replacing: standing, intake: intake,
            requestCount: requestCount)
        if let requests {
            try storing { () throws(LedgerError) in
                try shared.ledger.markRequestList(requests.sha256, of: entry.identity)
            }
        }
        shared.environment.onReaching(.publicationRecorded)
        try storing { () throws(LedgerError) in try journal.remove() }
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

    /// Rejects are judged first: rows that became rejects are not gone.
    ///
    /// - Returns: requests sent.
    private func walk(
        _ requests: RequestIDs?, into intake: WindowIntake
    ) throws(ExportError) -> Int {
        let requestCount = try extract(requests, into: intake)
        try intake.checkRejects(isWhole: true)
        return requestCount
    }

    /// Leaves what is published as it is, and says so.
    private func keep(
        _ standing: WindowOutcome?, _ shrinkage: Shrinkage, _ intake: WindowIntake,
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

    private func drain() throws(ExportError) -> WindowResult {
        guard let range = planned.window.range else { return try export() }
        return try DrainRun(
            shared: shared, recorder: recorder, session: session, window: planned.window,
            range: range
        ).export()
    }

    private func extract(
        _ requests: RequestIDs?, into intake: WindowIntake
    ) throws(ExportError) -> Int {
        let extractor = WindowExtractor(
            stream: stream, session: session, transport: shared.environment.transport,
            environment: shared.environment.clock)
        do throws(WalkError<ExportError>) {
            guard let range = planned.window.range, requests == nil else {
                let ids = requests?.ids ?? []
                let resumed = try resume(intake, extractor, ids: ids)
                return try extractor.extract(
                    ids: ids, from: resumed.start, known: resumed.known
                ) {
                    (event) throws(ExportError) in try intake.take(event, ids: ids)
                }
            }
            let resumed = try resume(intake, extractor, range: range)
            return try extractor.extract(range, resumed: resumed) { (event) throws(ExportError) in
                try intake.take(event, of: range)
            }
        } catch {
            switch error {
            case .consumer(let error): throw error
            case .extraction(let error): throw ExportError(error.kind, error)
            }
        }
    }

    /// The list of the window as it is now; nil at endpoints with windows.
    private func requestIDs() throws(ExportError) -> RequestIDs? {
        guard let list = stream.requests else { return nil }
        return try RequestIDs(list, window: "\(planned.window.key)")
    }

    // MARK: - Resuming

    private func resume(
        _ intake: WindowIntake, _ extractor: WindowExtractor, range: TimeRange
    ) throws(WalkError<ExportError>) -> ResumedSlices {
        var resumed = ResumedSlices()
        do throws(ExportError) {
            try intake.replay { (slice) throws(ExtractionError) in
                let restored = try extractor.restore(
                    range: slice.range,
                    bodies: slice.pages.map(PageBody.init(journaled:)), foreign: slice.foreign)
                return resumed.add(restored, of: range)
            }
        } catch {
            throw .consumer(error)
        }
        if intake.wasReset { return ResumedSlices() }
        return resumed
    }

    private func resume(
        _ intake: WindowIntake, _ extractor: WindowExtractor, ids: [String]
    ) throws(WalkError<ExportError>) -> (start: Int, known: Int?) {
        var reached = 0
        var known: Int?
        do throws(ExportError) {
            try intake.replay { (slice) throws(ExtractionError) in
                let restored = try extractor.restore(
                    range: nil, bodies: slice.pages.map(PageBody.init(journaled:)))
                let asked = slice.requests ?? 0..<0
                let answered = Set(slice.pages.map(\.number))
                known = slice.pages.last.map { $0.number - 1 } ?? known
                var whole = restored.slice
                whole.unknownRequestIDs = asked.filter { !answered.contains($0 + 1) }.map {
                    UnknownRequestID(number: $0 + 1, id: ids[$0])
                }
                reached = asked.upperBound
                return whole
            }
        } catch {
            throw .consumer(error)
        }
        return intake.wasReset ? (0, nil) : (reached, known)
    }

    private func openJournal(
        _ standing: WindowOutcome?, _ requests: RequestIDs?
    ) throws(ExportError) -> PageJournal {
        let fingerprint = PlanFingerprint.journal(
            of: stream, window: planned.window, requests: requests, standing: standing)
        let journal = try storing { () throws(LedgerError) in
            try PageJournal.open(
                in: shared.ledger.directory, of: entry.identity, fingerprint: fingerprint)
        }
        switch journal.origin {
        case .fresh: break
        case .resumed(let count, _):
            shared.environment.logger.info(
                "\(entry.identity): resumes after \(count) slices of an earlier run")
        case .setAside(let path, let reason):
            shared.environment.logger.notice(
                "\(entry.identity): a journal was set aside at \(path): \(reason)")
        }
        return journal
    }

    private func ended(by error: ExportError) -> WindowResult {
        error.kind == .interrupted ? interrupted() : failed(error)
    }

    private func interrupted() -> WindowResult {
        do {
            try shared.ledger.markInterrupted(
                entry, runID: shared.runID, at: shared.environment.clock.now())
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
