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

    mutating func claim(_ kind: LaneKind) -> LaneClaim<Int> {
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

    mutating func claim(_ kind: LaneKind) -> LaneClaim<Int> {
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

/// Every request's outcome becomes a compute job, and every compute job's an output.
struct RelayBoard: LaneBoard, Sendable {
    enum Job: Sendable {
        case fetch(Int)
        case type(Int)
    }

    let count: Int
    var fetched = 0
    var waiting: [Int] = []
    var typed: [Int] = []
    var collected = 0

    init(_ count: Int) {
        self.count = count
    }

    mutating func claim(_ kind: LaneKind) -> LaneClaim<Job> {
        if collected == count { return .done }
        switch kind {
        case .request:
            guard fetched < count else { return .wait }
            fetched += 1
            return .item(.fetch(fetched))
        case .compute: return waiting.popLast().map { .item(.type($0)) } ?? .wait
        case .storage: return .wait
        }
    }

    mutating func complete(_ job: Job, with outcome: Int) {
        switch job {
        case .fetch: waiting.append(outcome)
        case .type: typed.append(outcome)
        }
    }

    mutating func collect() -> LaneClaim<Int> {
        if collected == count { return .done }
        guard let next = typed.popLast() else { return .wait }
        collected += 1
        return .item(next)
    }
}

/// Hands out a job only after its board was asked for it `pauses` times, a millisecond apart.
struct PausingBoard: LaneBoard, Sendable {
    let pauses: Int
    let count: Int
    var asked = 0
    var handedOut = 0
    var collected = 0
    var completed = 0

    mutating func claim(_ kind: LaneKind) -> LaneClaim<Int> {
        if handedOut == count { return .done }
        asked += 1
        if asked % (pauses + 1) != 0 { return .pause(milliseconds: 1) }
        handedOut += 1
        return .item(handedOut)
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

/// Hands out jobs without end; once it is stopped, a last one.
struct EndingBoard: LaneBoard, Sendable {
    var handedOut = 0
    var isStopped = false
    var hasLast = false
    var isEnded = false

    mutating func claim(_ kind: LaneKind) -> LaneClaim<Int> {
        if isStopped {
            defer { hasLast = true }
            return hasLast ? .done : .item(0)
        }
        handedOut += 1
        return .item(handedOut)
    }

    mutating func complete(_ job: Int, with outcome: Int) {
        if job == 0 { isEnded = true }
    }

    mutating func collect() -> LaneClaim<Int> {
        isEnded ? .done : .wait
    }

    mutating func stop() -> Bool {
        isStopped = true
        return true
    }
}
