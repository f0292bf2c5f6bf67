import BoundedDispatch
import Planning

/// Hands out the windows of a run: streams in the plan's order, no stream above its own bound.
struct WindowBoard: LaneBoard, Sendable {
    /// Index into the plan's windows.
    typealias Job = Int

    /// What became of a window, by its index into the plan's windows.
    struct Finished: Sendable {
        var index: Int
        var result: WindowResult
    }

    private struct Queue {
        var stream: Int
        var bound: Int
        var inFlight = 0
        /// Not yet handed out, in the plan's order.
        var waiting: ArraySlice<Int>
    }

    private let streamOf: [Int]
    private var queues: [Queue] = []
    private var finished: [Finished] = []
    private var unfinishedCount: Int

    /// - Parameter bound: most windows at once, by stream index.
    init(_ windows: [PlannedWindow], bound: (Int) -> Int) {
        streamOf = windows.map(\.streamIndex)
        unfinishedCount = windows.count
        for (index, stream) in streamOf.enumerated() {
            if let last = queues.indices.last, queues[last].stream == stream {
                queues[last].waiting.append(index)
            } else {
                queues.append(Queue(stream: stream, bound: bound(stream), waiting: [index]))
            }
        }
    }

    mutating func claim(_ kind: LaneKind) -> LaneClaim<Int> {
        var isWaiting = false
        for position in queues.indices where !queues[position].waiting.isEmpty {
            isWaiting = true
            if queues[position].inFlight < queues[position].bound {
                queues[position].inFlight += 1
                return .item(queues[position].waiting.removeFirst())
            }
        }
        return isWaiting ? .wait : .done
    }

    mutating func complete(_ job: Int, with result: WindowResult) {
        for position in queues.indices where queues[position].stream == streamOf[job] {
            queues[position].inFlight -= 1
        }
        finished.append(Finished(index: job, result: result))
    }

    mutating func collect() -> LaneClaim<Finished> {
        if let next = finished.popLast() {
            unfinishedCount -= 1
            return .item(next)
        }
        return unfinishedCount == 0 ? .done : .wait
    }
}
