import BoundedDispatch
import ExportModel
import Planning
import Testing

@testable import ExportRun

@Suite struct WindowBoardTests {
    @Test func noStreamGoesAboveItsOwnBound() {
        var board = WindowBoard(windows([0, 0, 0, 1, 1])) { $0 == 0 ? 2 : 1 }
        #expect(claims(&board) == [0, 1, 3])
        board.complete(3, with: result(3))
        #expect(claims(&board) == [4])
        board.complete(0, with: result(0))
        #expect(claims(&board) == [2])
    }

    @Test func everyResultIsHandedOutOnce() {
        var board = WindowBoard(windows([0, 0])) { _ in 2 }
        #expect(claims(&board) == [0, 1])
        guard case .wait = board.collect() else {
            Issue.record("nothing is finished yet")
            return
        }
        board.complete(1, with: result(1))
        board.complete(0, with: result(0))
        var seen: [Int] = []
        while case .item(let finished) = board.collect() { seen.append(finished.index) }
        #expect(seen.sorted() == [0, 1])
        guard case .done = board.collect() else {
            Issue.record("all results were handed out")
            return
        }
    }

    private func claims(_ board: inout WindowBoard) -> [Int] {
        var found: [Int] = []
        while case .item(let job) = board.claim(.request) { found.append(job) }
        return found
    }

    private func windows(_ streams: [Int]) -> [PlannedWindow] {
        streams.map { stream in
            PlannedWindow(
                streamIndex: stream, accountIndex: 0, stream: "s\(stream)", account: "a",
                window: Window(
                    key: .batch("b"), range: nil, timeZoneIdentifier: "UTC"), reason: .range)
        }
    }

    private func result(_ index: Int) -> WindowResult {
        WindowResult(
            PlannedWindowName(stream: "s", account: "a", window: "\(index)"), status: .published)
    }
}
