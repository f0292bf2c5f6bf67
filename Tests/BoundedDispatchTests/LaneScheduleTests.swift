import BoundedDispatch
import Synchronization
import Testing

/// A group that works on the calling thread keeps the rules of one with threads.
@Suite struct LaneScheduleTests {
    private struct Refusal: Error, Equatable {}

    /// What a schedule was asked.
    private final class Notes: Sendable {
        let draws = Mutex<[Int]>([])
        let pauses = Mutex<[Int64]>([])
        let stalls = Mutex(0)

        /// - Parameter takesLast: whether the job that came last is worked off first.
        func schedule(takesLast: Bool = false) -> LaneSchedule {
            LaneSchedule(
                coreCount: 1,
                draw: { count in
                    self.draws.withLock { $0.append(count) }
                    return takesLast ? count - 1 : 0
                },
                pause: { milliseconds in self.pauses.withLock { $0.append(milliseconds) } },
                onStall: { self.stalls.withLock { $0 += 1 } })
        }
    }

    @Test(arguments: [1, 16], [false, true])
    func outputsComeInTheBoardsOrder(lanes: Int, takesLast: Bool) {
        let notes = Notes()
        var seen: [Int] = []
        let board = run(
            CountingBoard(200), lanes: lanes, notes.schedule(takesLast: takesLast),
            consume: { seen.append($0) })
        #expect(seen == (0..<200).map { $0 * 7 })
        #expect(board.mistakes == 0)
        #expect(notes.draws.withLock { $0.max() } == lanes)
        #expect(notes.stalls.withLock { $0 } == 0)
    }

    @Test func jobsAreWorkedOffAsDrawn() {
        let order = Mutex<[Int]>([])
        _ = LaneGroup(
            requestLanes: 3, label: "test", schedule: Notes().schedule(takesLast: true)
        ).run(
            CountingBoard(5), stop: StopToken(), makeContext: { 0 },
            perform: { _, job in
                order.withLock { $0.append(job) }
                return job
            }, consume: { _ in })
        #expect(order.withLock { $0 } == [2, 3, 4, 1, 0])
    }

    /// The pauses are the caller's: no time passes by itself.
    @Test func pausesAreTheSchedules() {
        let notes = Notes()
        var seen = 0
        _ = run(
            PausingBoard(pauses: 3, count: 40), lanes: 4, notes.schedule(),
            consume: { _ in seen += 1 })
        #expect(seen == 40)
        #expect(notes.pauses.withLock { Set($0) } == [1])
    }

    /// Nobody would ever wake the threads that wait for this board.
    @Test func aBoardThatWaitsForNothingIsReported() {
        struct Stuck: LaneBoard, Sendable {
            mutating func claim(_ kind: LaneKind) -> LaneClaim<Int> { .wait }
            mutating func complete(_ job: Int, with outcome: Int) {}
            mutating func collect() -> LaneClaim<Int> { .wait }
        }
        let notes = Notes()
        _ = run(Stuck(), lanes: 2, notes.schedule())
        #expect(notes.stalls.withLock { $0 } == 1)
    }

    @Test(arguments: [1, 16])
    func jobsInFlightEndWhenTheTokenStops(lanes: Int) {
        let stop = StopToken()
        let board = LaneGroup(
            requestLanes: lanes, label: "test", schedule: Notes().schedule()
        ).run(
            CountingBoard(1_000_000), stop: stop, makeContext: { 0 },
            perform: { _, job in
                if job == 40 { stop.stop() }
                return job
            }, consume: { _ in })
        #expect(board.next == board.done.count)
        #expect((41..<41 + lanes).contains(board.done.count))
        let ended = LaneGroup(
            requestLanes: lanes, label: "test", schedule: Notes().schedule()
        ).run(
            EndingBoard(), stop: stop, makeContext: { 0 }, perform: { _, job in job },
            consume: { _ in })
        #expect(ended.isEnded)
    }

    @Test func whatConsumeThrowsComesOutAfterTheJobsInFlight() {
        let worked = Mutex(0)
        var schedule = Notes().schedule()
        schedule.draw = { count in worked.withLock { $0 } % count }
        #expect(throws: Refusal()) {
            _ = try LaneGroup(requestLanes: 4, label: "test", schedule: schedule).run(
                CountingBoard(100), stop: StopToken(), makeContext: { 0 },
                perform: { _, job in
                    worked.withLock { $0 += 1 }
                    return job
                },
                consume: { (output) throws(Refusal) in
                    if output == 20 { throw Refusal() }
                })
        }
        #expect((21..<28).contains(worked.withLock { $0 }))
    }

    private func run<Board: LaneBoard & Sendable>(
        _ board: Board, lanes: Int, _ schedule: LaneSchedule,
        consume: (Board.Output) -> Void = { _ in }
    ) -> Board where Board.Job == Int, Board.Outcome == Int {
        LaneGroup(requestLanes: lanes, label: "test", schedule: schedule).run(
            board, stop: StopToken(), makeContext: { 0 }, perform: { _, job in job * 7 },
            consume: consume)
    }
}
