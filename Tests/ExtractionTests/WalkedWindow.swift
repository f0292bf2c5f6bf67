import BoundedDispatch
import ExportModel

@testable import Extraction

/// What the walk of one window brought.
struct WalkedWindow {
    var slices: [ExtractedSlice] = []
    var restarts = 0
    var requestCount = 0
    var unreconciled: ExtractionError?

    var ids: [String] { slices.flatMap(ExtractionTests.ids(of:)) }

    /// The rows' own text, in order: what any output is made from.
    var raw: [String] {
        slices.flatMap { slice in slice.rows.map { text(of: $0, in: slice) } }
    }

    /// The text of the records that were set aside.
    var setAside: [String] {
        slices.flatMap { slice in slice.unidentified.map { text(of: $0, in: slice) } }
    }

    private func text(of row: RowReference, in slice: ExtractedSlice) -> String {
        let page = slice.pages[Int(row.page)]
        return String(decoding: page.body[page.rows[Int(row.row)]], as: UTF8.self)
    }

    /// Takes everything that a walk puts out.
    mutating func run(
        _ extractor: WindowExtractor, _ range: TimeRange, resumed: ResumedSlices = ResumedSlices()
    ) throws {
        var walked = self
        walked.requestCount = try takeAll(
            of: extractor.walk(range, resumed: resumed), extractor
        ) { event in
            switch event {
            case .slice(let slice): walked.slices.append(slice)
            case .unreconciled(let error): walked.unreconciled = error
            case .restart:
                walked.slices = []
                walked.restarts += 1
            }
        }
        self = walked
    }
}

/// Takes everything that a walk puts out, on as many request lanes as it has pages in flight.
///
/// - Returns: requests sent.
func takeAll<Failure: Error>(
    of walk: AccountWalk, _ extractor: WindowExtractor,
    consume: (WalkEvent) throws(Failure) -> Void
) throws -> Int {
    let lanes = LaneGroup(
        requestLanes: extractor.stream.extract.pagesInFlight, computeLanes: 2, label: "test")
    let ended = try lanes.run(
        walk, stop: extractor.session.stop, makeContext: { AnswerReaders() },
        perform: { readers, job in extractor.perform(job, readers: &readers) },
        consume: consume)
    return try ended.result()
}

extension LaneBoard {
    /// What there is for any lane.
    mutating func claimAny() -> LaneClaim<Job> {
        if case .item(let job) = claim(.compute) { return .item(job) }
        return claim(.request)
    }
}

func makeExtractor(
    _ transport: some Transport, lanes: Int = 4, slicePages: Int = 200, attempts: Int = 4,
    confirmation: WalkConfirmation = .edges, onMismatch: MismatchPolicy = .fail,
    run: StopToken = StopToken()
) throws -> WindowExtractor {
    let stream = try makeStream(
        Catalog.userOutMissed, lanes: lanes, slicePages: slicePages, attempts: attempts,
        confirmation: confirmation, onMismatch: onMismatch)
    let session = AccountSession(
        account: tokenAccount, stream: stream, budgets: [], run: run, transport: transport,
        environment: stillEnvironment())
    return WindowExtractor(
        stream: stream, session: session, transport: transport, environment: stillEnvironment())
}

func walkWindow(
    _ transport: some Transport, _ range: TimeRange, lanes: Int = 4, slicePages: Int = 200,
    attempts: Int = 4, confirmation: WalkConfirmation = .edges,
    onMismatch: MismatchPolicy = .fail
) throws -> WalkedWindow {
    var walked = WalkedWindow()
    try walked.run(
        try makeExtractor(
            transport, lanes: lanes, slicePages: slicePages, attempts: attempts,
            confirmation: confirmation, onMismatch: onMismatch), range)
    return walked
}
