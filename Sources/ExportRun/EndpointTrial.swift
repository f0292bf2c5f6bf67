public import BoundedDispatch
public import ExportModel
import Extraction
import Planning

/// Sends one request of a stream and shows what the endpoint's entry makes of the response: for who
/// writes an entry. Nothing is written, and no drain is touched.
public struct EndpointTrial: Sendable {
    /// A unified column over the records that are shown.
    public struct Column: Sendable {
        public var name: String
        /// What the entry fills it with: a field's name, or words about it.
        public var source: String
        /// JSON texts, one for each record.
        public var values: [String]
    }

    /// A member of records that no field of the entry reads.
    public struct UnreadMember: Sendable {
        public var name: String
        /// JSON text of the first value that is not null, cut to a sensible length.
        public var example: String
    }

    /// What the request brought.
    public struct Outcome: Sendable {
        public var stream: String
        public var account: String
        /// Method, URL and body without credentials; nil where no request could be made.
        public var request: String?
        /// HTTP status of the last response; nil where none came.
        public var status: Int?
        public var responseByteCount = 0
        /// Of the request, until its response was whole.
        public var milliseconds: Int64 = 0
        /// Records that the provider reports.
        public var total: Int?
        /// Records in the response.
        public var recordCount = 0
        public var rejects: [Reject] = []
        /// Without the columns that the entry says nothing of.
        public var columns: [Column] = []
        /// Objects with every column, as NDJSON partitions have them.
        public var rows: [String] = []
        public var unread: [UnreadMember] = []
        /// Fields of the entry that no record of the response has.
        public var absent: [String] = []
        public var failure: WindowResult.Failure?
    }

    /// Records that are shown.
    public static let shownCount = 3

    private let pipeline: Pipeline
    private let environment: RunEnvironment

    public init(_ pipeline: Pipeline, environment: RunEnvironment) {
        self.pipeline = pipeline
        self.environment = environment
    }

    /// Asks once, for the stream's newest window that is due, or for the first id of its list
    /// (where another stream has the ids: of a window that this one has ready).
    ///
    /// - Parameter dueAt: decides which windows are due.
    public func run(
        streamIndex: Int, accountIndex: Int, dueAt: Timestamp, stop: StopToken
    ) -> Outcome {
        let stream = pipeline.streams[streamIndex]
        var outcome = Outcome(
            stream: stream.name, account: stream.accounts[accountIndex].name)
        let recording = RecordingTransport(environment.transport, now: environment.clock.now)
        var alone = pipeline
        alone.streams[streamIndex].extract.attempts = 1
        var environment = environment
        environment.transport = recording
        let sessions = AccountSessions(pipeline: alone, stop: stop, environment: environment)
        let asked = alone.streams[streamIndex]
        do throws(ExportError) {
            let extractor = WindowExtractor(
                stream: asked.listingDrained ?? asked,
                session: sessions.session(streamIndex: streamIndex, accountIndex: accountIndex),
                transport: recording, environment: environment.clock)
            let subject = try subject(
                stream, outcome.account, dueAt,
                stream.requests?.parent == nil
                    ? nil : try ParentIDs.ofLastRun(pipeline, sessions, environment))
            outcome.request = try extracting(try extractor.shownRequest(subject))
            let sample = try extracting(try extractor.sample(subject))
            outcome.total = sample.total
            try outcome.take(sample.slice, of: stream)
        } catch {
            outcome.failure = WindowResult.Failure(error)
        }
        recording.report(to: &outcome)
        return outcome
    }

    private func subject(
        _ stream: ExportModel.Stream, _ account: String, _ dueAt: Timestamp, _ parents: ParentIDs?
    ) throws(ExportError) -> ProbeSubject {
        var alone = pipeline
        alone.streams = [stream]
        let plan: Plan
        do {
            plan = try Planner(pipeline: alone, layout: pipeline.output.partition, now: dueAt)
                .plan(ledger: LedgerView())
        } catch {
            throw ExportError(.configuration, error)
        }
        if let list = stream.requests {
            for window in plan.windows where window.account == account {
                let ids =
                    if let parent = list.parent {
                        try? parents?.ids(parent, account: account, window: window.window).ids
                    } else {
                        try RequestIDs(list, window: "\(window.window.key)")?.ids
                    }
                if let first = ids?.first { return .requestID(first) }
            }
            return .requestID("cdrx-check")
        }
        let ranges = plan.windows.compactMap(\.window.range)
        let newest = ranges.max { $0.start < $1.start }
        let day = TimeRange(start: dueAt.advanced(milliseconds: -86_400_000), end: dueAt)
        return .range(newest ?? day)
    }
}

/// Notes how the last request fared.
private final class RecordingTransport: Transport {
    private let transport: any Transport
    private let now: @Sendable () -> Timestamp
    private let last = Guarded<(status: Int?, byteCount: Int, milliseconds: Int64)>((nil, 0, 0))

    init(_ transport: any Transport, now: @escaping @Sendable () -> Timestamp) {
        self.transport = transport
        self.now = now
    }

    func send(_ request: ProviderRequest) -> TransportOutcome {
        let start = now()
        let outcome = transport.send(request)
        let milliseconds = now().epochMilliseconds - start.epochMilliseconds
        if case .answer(let answer) = outcome {
            last.withLock { $0 = (answer.status, answer.body.count, milliseconds) }
        } else {
            last.withLock { $0 = (nil, 0, milliseconds) }
        }
        return outcome
    }

    func report(to outcome: inout EndpointTrial.Outcome) {
        (outcome.status, outcome.responseByteCount, outcome.milliseconds) = last.withLock { $0 }
    }
}
