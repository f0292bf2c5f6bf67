extension LaneGroup {
    /// Works on each item on a request lane, many at once, and hands out what came of them in the
    /// items' order, each as soon as those before it are done.
    ///
    /// When `stop` is stopped, items that were not begun are left out.
    ///
    /// - Parameters:
    ///   - lanes: at most so many at once; 1 to ``maximumLaneCount``.
    ///   - label: names the queues in debuggers and crash reports.
    ///   - perform: called on a lane for each item.
    ///   - consume: called on the calling thread.
    public static func map<Item: Sendable, Result: Sendable>(
        _ items: [Item], lanes: Int, label: String, stop: StopToken,
        perform: @escaping @Sendable (Item) -> Result, consume: (Result) -> Void
    ) {
        guard !items.isEmpty else { return }
        let group = LaneGroup(requestLanes: min(lanes, items.count), label: label)
        _ = group.run(
            MapBoard<Result>(count: items.count), stop: stop, makeContext: {},
            perform: { _, index in perform(items[index]) }, consume: consume)
    }
}

/// Indices in, results out, in order.
private struct MapBoard<Result: Sendable>: LaneBoard, Sendable {
    let count: Int
    private var claimed = 0
    /// Results that wait for one before them.
    private var results: [Int: Result] = [:]
    private var next = 0
    private var isStopped = false

    init(count: Int) {
        self.count = count
    }

    mutating func claim(_ kind: LaneKind) -> LaneClaim<Int> {
        guard kind == .request, claimed < count, !isStopped else { return .done }
        claimed += 1
        return .item(claimed - 1)
    }

    mutating func complete(_ index: Int, with result: Result) {
        results[index] = result
    }

    mutating func collect() -> LaneClaim<Result> {
        if let result = results.removeValue(forKey: next) {
            next += 1
            return .item(result)
        }
        return next == (isStopped ? claimed : count) ? .done : .wait
    }

    mutating func stop() -> Bool {
        isStopped = true
        return true
    }
}
