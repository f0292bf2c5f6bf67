import Dispatch

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Bounded concurrency: one DispatchGroup and N lanes, each a serial queue that claims its next job
/// from a shared board.
///
/// Lanes block while they work. Serial queues are used because the Linux Dispatch pool grows by
/// only about one thread a second for one concurrent queue: 32 blocking jobs ran 4 at a time there,
/// and 32 at a time on serial queues. The pool ends at 255 threads, so the lanes of a process are
/// at most ``maximumLaneCount`` together.
public struct LaneGroup: Sendable {
    /// Lanes of each kind, in the order of ``LaneKind``.
    private let laneCounts: [Int]
    private let label: String
    private let schedule: LaneSchedule?

    /// Lanes of a group at most; see above.
    public static let maximumLaneCount = 254
    /// Cores of this machine.
    public static var coreCount: Int { max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1) }

    /// - Parameters:
    ///   - requestLanes: lanes of ``LaneKind/request``.
    ///   - computeLanes: lanes of ``LaneKind/compute``.
    ///   - storageLanes: lanes of ``LaneKind/storage``.
    ///   - label: names the queues in debuggers and crash reports.
    ///   - schedule: has the calling thread do all the work; nil: the lanes do it.
    public init(
        requestLanes: Int = 0, computeLanes: Int = 0, storageLanes: Int = 0, label: String,
        schedule: LaneSchedule? = nil
    ) {
        laneCounts = [requestLanes, computeLanes, storageLanes]
        precondition(
            (1...Self.maximumLaneCount).contains(laneCounts.reduce(0, +)),
            "a lane group has 1 to \(Self.maximumLaneCount) lanes")
        self.label = label
        self.schedule = schedule
    }

    /// Works through a board and returns it as it then stands.
    ///
    /// Blocks the calling thread, which meanwhile consumes what the board puts out; the lanes go on
    /// working while it does. When `stop` is stopped, jobs in flight end, and nothing new is
    /// claimed unless the board says so (``LaneBoard/stop()``).
    ///
    /// - Parameters:
    ///   - makeContext: called once on each lane; the context never leaves it (a parser, a buffer).
    ///   - perform: called on a lane for each job.
    ///   - consume: called on the calling thread for each output, in the board's order; if it
    ///     throws, the lanes stop claiming and it is rethrown after jobs in flight have ended.
    public func run<Board: LaneBoard & Sendable, Context, Failure: Error>(
        _ board: Board, stop: StopToken,
        makeContext: @escaping @Sendable () -> Context,
        perform: @escaping @Sendable (inout Context, Board.Job) -> Board.Outcome,
        consume: (Board.Output) throws(Failure) -> Void
    ) throws(Failure) -> Board {
        if let schedule {
            var lanes = ScheduledLanes<Board, Context>(
                board, laneCounts: laneCounts, schedule: schedule)
            try lanes.run(
                stop: stop, makeContext: makeContext, perform: perform, consume: consume)
            return lanes.board
        }
        let monitor = BoardMonitor(board: board)
        let registration = stop.onStop { monitor.stop() }
        defer { stop.remove(registration) }
        let group = DispatchGroup()
        for kind in LaneKind.allCases {
            for lane in 0..<laneCounts[kind.rawValue] {
                DispatchQueue(label: "\(label).\(kind).\(lane)").async(group: group) {
                    // The context is made after the first job, so that idle lanes cost nothing.
                    guard var job = monitor.nextJob(kind) else { return }
                    var context = makeContext()
                    while true {
                        let outcome = perform(&context, job)
                        guard let next = monitor.complete(job, with: outcome, next: kind) else {
                            return
                        }
                        job = next
                    }
                }
            }
        }
        let failure = drain(monitor, into: consume)
        monitor.close()
        group.wait()
        if let failure { throw failure }
        return monitor.finalBoard()
    }

    private func drain<Board: LaneBoard & Sendable, Failure: Error>(
        _ monitor: BoardMonitor<Board>, into consume: (Board.Output) throws(Failure) -> Void
    ) -> Failure? {
        while let output = monitor.nextOutput() {
            do {
                try consume(output)
            } catch {
                return error
            }
        }
        return nil
    }
}
