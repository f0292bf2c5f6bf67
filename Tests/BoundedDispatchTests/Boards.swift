import BoundedDispatch

/// Hands out `0..<count` and puts the outcomes out in that order.
struct CountingBoard: LaneBoard, Sendable {
    let count: Int
    var next = 0
    var nextOutput = 0
    var done: [Int: Int] = [:]
    /// Claims of jobs that were given out already, and outcomes nobody asked for.
    var mistakes = 0

    init(_ count: Int) {
        self.count = count
    }

    mutating func claim() -> LaneClaim<Int> {
        guard next < count else { return .done }
        defer { next += 1 }
        return .item(next)
    }

    mutating func complete(_ job: Int, with outcome: Int) {
        if job >= next || done[job] != nil { mistakes += 1 }
        done[job] = outcome
    }

    mutating func collect() -> LaneClaim<Int> {
        if nextOutput == count { return .done }
        guard let outcome = done[nextOutput] else { return .wait }
        nextOutput += 1
        return .item(outcome)
    }
}

/// Gives its next job out only when the last one's outcome was collected: every hand-over sleeps.
struct PingPongBoard: LaneBoard, Sendable {
    let count: Int
    var claimed = 0
    var completed = 0
    var collected = 0

    init(_ count: Int) {
        self.count = count
    }

    mutating func claim() -> LaneClaim<Int> {
        if collected == count { return .done }
        guard claimed == collected, claimed < count else { return .wait }
        claimed += 1
        return .item(claimed)
    }

    mutating func complete(_ job: Int, with outcome: Int) {
        completed += 1
    }

    mutating func collect() -> LaneClaim<Int> {
        if collected == count { return .done }
        guard completed > collected else { return .wait }
        collected += 1
        return .item(collected)
    }
}
