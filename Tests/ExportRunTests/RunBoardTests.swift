import BoundedDispatch
import Compression
import ExportModel
import Extraction
import Planning
import RunLedger
import Testing

@testable import ExportRun

/// The board as a pure value: lanes are played by the test.
@Suite struct RunBoardTests {
    private typealias Board = RunBoard<String>

    @Test func noStreamGoesAboveItsOwnBound() throws {
        var board = board(of: [0, 0, 0, 1, 1], bounds: [bound(2), bound(1)])
        #expect(begun(&board) == [0, 1, 3])
        board.complete(.begin(3), with: .ended(end(3)))
        #expect(begun(&board) == [4])
        board.complete(.begin(0), with: .ended(end(0)))
        #expect(begun(&board) == [2])
    }

    @Test func everyResultIsHandedOutOnce() {
        var board = board(of: [0, 0], bounds: [bound(2)])
        #expect(begun(&board) == [0, 1])
        guard case .wait = board.collect() else {
            Issue.record("nothing is finished yet")
            return
        }
        board.complete(.begin(1), with: .ended(end(1)))
        board.complete(.begin(0), with: .ended(end(0)))
        publish(&board)
        var seen: [Int] = []
        while case .item(let finished) = board.collect() { seen += finished.windows.map(\.index) }
        #expect(seen.sorted() == [0, 1])
        guard case .done = board.collect(), case .done = board.claim(.request) else {
            Issue.record("all results were handed out")
            return
        }
    }

    /// Windows of a drain touch their neighbors' partitions: the next begins when one has ended.
    @Test func windowsOfADrainGoOneByOneToTheEnd() {
        var board = board(of: [0, 0], bounds: [StreamBound(windowsInFlight: 9, isDrain: true)])
        #expect(begun(&board) == [0])
        board.complete(.begin(0), with: .drains("drain"))
        #expect(begun(&board) == [])
        guard case .item(.drain(0, "drain")) = board.claim(.request) else {
            Issue.record("the drain is no work of a request lane")
            return
        }
        #expect(begun(&board) == [])
        board.complete(.drain(0, "drain"), with: .ended(end(0)))
        guard case .item(let step) = board.claim(.compute), case .make = step else {
            Issue.record("the next window begins before the partition is made")
            return
        }
        board.complete(step, with: .made([], isLast: true))
        #expect(begun(&board) == [])
        publish(&board)
        #expect(begun(&board) == [1])
    }

    /// Pages of both windows are in flight at once, each window within its own limit.
    @Test func requestLanesTakePagesOfAnyWindow() throws {
        var board = try walking(2, pagesInFlight: 4)
        var asked: [Int] = []
        while case .item(.walk(let index, _, _)) = board.claim(.request) { asked.append(index) }
        // Nothing but page 1 is known of either.
        #expect(asked == [0, 1])
    }

    @Test func aWindowOfSeveralSlicesIsTakenInOrderAndFinishedOnce() throws {
        let provider = FakeProvider(evenRecords(90))
        var board = try walking(1, pagesInFlight: 3, provider: provider)
        var readers = AnswerReaders()
        var slices: [TimeRange] = []
        var finishes = 0
        for _ in 0..<500 {
            guard let job = next(&board) else { break }
            switch job {
            case .walk(_, _, let work):
                board.complete(
                    job,
                    with: .walked(try extractor(provider).perform(work, readers: &readers)))
            case .take(_, _, let event):
                if case .slice(let slice) = event, let range = slice.range { slices.append(range) }
                // Only one thing is taken at a time.
                guard case .wait = board.claim(.compute) else {
                    Issue.record("two slices are taken at once")
                    return
                }
                board.complete(job, with: .taken(.success([])))
            case .archive(_, let walked):
                finishes += 1
                #expect(walked.count == 1 && walked[0].failure == nil)
                #expect(try walked[0].walk?.result() ?? 0 > 9)
                board.complete(job, with: published(0))
            default: Issue.record("no such job here")
            }
        }
        #expect(slices.count > 2)
        #expect(zip(slices, slices.dropFirst()).allSatisfy { $0.end == $1.start })
        #expect(finishes == 1)
        guard case .item = board.collect(), case .done = board.collect() else {
            Issue.record("one result")
            return
        }
    }

    /// Blocks of one window are compressed side by side, and before its next step.
    @Test func whatWasTakenIsCompressedBeforeTheNextStep() throws {
        let provider = FakeProvider(evenRecords(5))
        var board = try walking(1, pagesInFlight: 3, provider: provider)
        var readers = AnswerReaders()
        let stream = try CompressionStream(.gzip(), defersWork: true)
        var output: [UInt8] = []
        try stream.append([UInt8](repeating: 7, count: 2 << 20), to: &output)
        while let job = next(&board) {
            guard case .walk(_, _, let work) = job else {
                guard case .take = job else { break }
                board.complete(job, with: .taken(.success(stream.takeJobs())))
                break
            }
            board.complete(
                job, with: .walked(try extractor(provider).perform(work, readers: &readers)))
        }
        guard case .item(let first) = board.claim(.compute), case .compress = first,
            case .item(let second) = board.claim(.compute), case .compress = second
        else {
            Issue.record("two blocks to compress")
            return
        }
        board.complete(second, with: .compressed)
        guard case .wait = board.claim(.compute), case .wait = board.claim(.storage) else {
            Issue.record("the window goes on before its blocks are compressed")
            return
        }
        board.complete(first, with: .compressed)
        guard case .item(.archive) = board.claim(.storage) else {
            Issue.record("the window is not finished")
            return
        }
    }

    @Test func aWindowThatCannotTakeIsFinishedWithItsError() throws {
        let provider = FakeProvider(evenRecords(5))
        var board = try walking(1, pagesInFlight: 3, provider: provider)
        var readers = AnswerReaders()
        let error = ExportError(.storage, code: "disk_full", message: "full")
        for _ in 0..<100 {
            guard let job = next(&board) else { break }
            switch job {
            case .walk(_, _, let work):
                board.complete(
                    job,
                    with: .walked(try extractor(provider).perform(work, readers: &readers)))
            case .take: board.complete(job, with: .taken(.failure(error)))
            case .archive(_, let walked):
                #expect(walked.map { $0.failure?.code } == ["disk_full"])
                return
            default: Issue.record("no such job here")
            }
        }
        Issue.record("the window was not finished")
    }

    /// After a stop no window begins and no page is asked for; what was begun comes to its end.
    @Test func aStopEndsWhatWasBegun() throws {
        let run = StopToken()
        var board = board(of: [0, 0], bounds: [bound(1)], lanes: 4)
        #expect(begun(&board) == [0])
        let walk = try extractor(FakeProvider(evenRecords(50)), run: run).walk(day)
        board.complete(.begin(0), with: .begun("0", walk))
        guard case .item(let page) = board.claim(.request), case .walk(_, _, let work) = page
        else {
            Issue.record("page 1 is not asked for")
            return
        }
        run.stop()
        let endsItself = board.stop()
        #expect(endsItself)
        guard case .wait = board.claim(.request), case .wait = board.claim(.compute) else {
            Issue.record("the page in flight is waited for")
            return
        }
        var readers = AnswerReaders()
        let outcome = try extractor(FakeProvider([]), run: run).perform(work, readers: &readers)
        board.complete(page, with: .walked(outcome))
        guard case .wait = board.claim(.compute), case .item(let finish) = board.claim(.storage),
            case .archive = finish
        else {
            Issue.record("the window is not finished")
            return
        }
        board.complete(finish, with: published(0))
        guard case .done = board.claim(.request), case .done = board.claim(.compute) else {
            Issue.record("another window begins")
            return
        }
    }

    /// A lane must not wait for an account's rate: the next window's page goes first.
    @Test func aSpentBudgetHoldsUpItsOwnAccountOnly() throws {
        var board = board(of: [0, 0, 0], bounds: [bound(3)], lanes: 4)
        #expect(begun(&board) == [0, 1, 2])
        let slow = RequestBudget(requestsPerSecond: 0.5, environment: SystemClock.environment())
        let provider = FakeProvider(evenRecords(5))
        for index in 0..<3 {
            let budgets = index < 2 ? [slow] : []
            let walk = try extractor(provider, budgets: budgets).walk(day)
            board.complete(.begin(index), with: .begun("\(index)", walk))
        }
        var asked: [Int] = []
        while case .item(.walk(let index, _, _)) = board.claim(.request) { asked.append(index) }
        #expect(asked == [0, 2])
        guard case .pause(let milliseconds) = board.claim(.request) else {
            Issue.record("the second page of the slow account does not wait")
            return
        }
        #expect((1...2_000).contains(milliseconds))
    }

    // MARK: Helpers

    private let day = TimeRange(
        start: Timestamp(epochMilliseconds: Workplace.start),
        end: Timestamp(epochMilliseconds: Workplace.start + 86_400_000))

    private func next(_ board: inout Board) -> Board.Job? {
        for kind in LaneKind.allCases.reversed() {
            if case .item(let job) = board.claim(kind) { return job }
        }
        return nil
    }

    /// A board of windows that are walked already.
    private func walking(
        _ count: Int, pagesInFlight: Int, provider: FakeProvider = FakeProvider([])
    ) throws -> Board {
        var board = board(of: [Int](repeating: 0, count: count), bounds: [bound(count)])
        for index in begun(&board) {
            let walk = try extractor(provider, pagesInFlight: pagesInFlight).walk(day)
            board.complete(.begin(index), with: .begun("\(index)", walk))
        }
        return board
    }

    private func extractor(
        _ provider: FakeProvider, pagesInFlight: Int = 4, budgets: [RequestBudget] = [],
        run: StopToken = StopToken()
    ) throws -> WindowExtractor {
        let place = try Workplace()
        defer { place.remove() }
        var stream = try place.pipeline(Workplace.v2).streams[0]
        stream.extract.pagesInFlight = pagesInFlight
        let environment = SystemClock.environment()
        return WindowExtractor(
            stream: stream,
            session: AccountSession(
                account: stream.accounts[0], stream: stream, budgets: budgets, run: run,
                transport: provider, environment: environment),
            transport: provider, environment: environment)
    }

    /// The windows that begin now.
    private func begun(_ board: inout Board) -> [Int] {
        var found: [Int] = []
        while case .item(let job) = board.claim(.compute) {
            guard case .begin(let index) = job else { break }
            found.append(index)
        }
        return found
    }

    private func bound(_ windowsInFlight: Int) -> StreamBound {
        StreamBound(windowsInFlight: windowsInFlight, isDrain: false)
    }

    private func windows(_ streams: [Int]) -> [PlannedWindow] {
        streams.map { stream in
            PlannedWindow(
                streamIndex: stream, accountIndex: 0, stream: "s\(stream)", account: "a",
                window: Window(
                    key: .batch("b"), range: nil, timeZoneIdentifier: "UTC"), reason: .range)
        }
    }

    private func end(_ index: Int) -> AccountEnd {
        let window = Window(key: .batch("\(index)"), range: nil, timeZoneIdentifier: "UTC")
        let identity = WindowIdentity(
            pipeline: "p", stream: "s", account: "a", window: "\(index)")
        return AccountEnd(
            index: index, entry: LedgerEntry(identity: identity, window: window),
            status: .published, runID: "r", at: Timestamp(epochMilliseconds: 0))
    }

    /// Makes and publishes what can be.
    private func publish(_ board: inout Board) {
        while case .item(let step) = board.claim(.compute) {
            guard case .make = step else { break }
            board.complete(step, with: .made([], isLast: true))
        }
        while case .item(let job) = board.claim(.storage) {
            guard case .publish(_, let ends) = job else { break }
            board.complete(
                job,
                with: .published(
                    FinishedPartition(
                        windows: ends.map { ($0.index, $0.result) }, partition: nil)))
        }
    }

    private func published(_ index: Int) -> Board.Outcome {
        .published(
            FinishedPartition(windows: [(index, end(index).result)], partition: nil))
    }

    /// Each window is a partition of its own.
    private func board(
        of streams: [Int], bounds: [StreamBound], lanes: Int = 8
    ) -> Board {
        let planned = windows(streams)
        return Board(
            planned, partitions: PlannedPartition.partitions(of: planned, layout: .account),
            bounds: bounds, lanes: lanes, clock: { 0 })
    }
}
