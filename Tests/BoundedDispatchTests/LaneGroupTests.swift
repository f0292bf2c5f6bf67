import BoundedDispatch
import Synchronization
import Testing

@Suite struct LaneGroupTests {
    private struct Refusal: Error, Equatable {}

    /// Jobs meet at a barrier, so they end only if all of them run at the same time.
    @Test func thirtyTwoBlockingJobsRunAtOnce() {
        let clock = ContinuousClock()
        let started = Mutex(0)
        let allStarted = StopToken()
        let missed = Mutex(0)
        let elapsed = clock.measure {
            _ = run(CountingBoard(32), lanes: 32) { job in
                let isLast = started.withLock { started in
                    started += 1
                    return started == 32
                }
                if isLast { allStarted.stop() }
                if allStarted.sleep(milliseconds: 20_000) { missed.withLock { $0 += 1 } }
                return job
            }
        }
        #expect(missed.withLock { $0 } == 0)
        #expect(elapsed < .seconds(10))
    }

    @Test(arguments: [1, 3, 16])
    func outputsComeInTheBoardsOrder(lanes: Int) {
        var seen: [Int] = []
        let board = run(CountingBoard(500), lanes: lanes) {
            $0 * 7
        } consume: {
            seen.append($0)
        }
        #expect(seen == (0..<500).map { $0 * 7 })
        #expect(board.mistakes == 0)
    }

    @Test func noMoreJobsRunAtOnceThanThereAreLanes() {
        let running = Mutex((now: 0, most: 0))
        _ = run(CountingBoard(300), lanes: 4) { job in
            running.withLock { running in
                running.now += 1
                running.most = max(running.most, running.now)
            }
            _ = StopToken().sleep(milliseconds: 0)
            running.withLock { $0.now -= 1 }
            return job
        }
        #expect((1...4).contains(running.withLock { $0.most }))
    }

    /// Every job waits for the consumer and the consumer for every job: one lost wake-up hangs.
    @Test(.timeLimit(.minutes(10)), arguments: [1, 2, 16])
    func noWakeUpIsLost(lanes: Int) {
        var seen = 0
        let board = run(PingPongBoard(3_000), lanes: lanes) {
            $0
        } consume: { _ in
            seen += 1
        }
        #expect(seen == 3_000)
        #expect(board.claimed == 3_000)
    }

    /// Jobs of one kind go to the lanes of that kind, and what one kind makes wakes the other.
    @Test(.timeLimit(.minutes(10)), arguments: [1, 16])
    func kindsHandOverToEachOther(lanes: Int) {
        let wrongLane = Mutex(0)
        var seen: [Int] = []
        _ = LaneGroup(requestLanes: lanes, computeLanes: 2, label: "test").run(
            RelayBoard(2_000), stop: StopToken(), makeContext: { Set<Int>() },
            perform: { kinds, job in
                switch job {
                case .fetch(let number):
                    kinds.insert(0)
                    if kinds.count > 1 { wrongLane.withLock { $0 += 1 } }
                    return number
                case .type(let number):
                    kinds.insert(1)
                    if kinds.count > 1 { wrongLane.withLock { $0 += 1 } }
                    return number
                }
            },
            consume: { seen.append($0) })
        #expect(seen.sorted() == Array(1...2_000))
        #expect(wrongLane.withLock { $0 } == 0)
    }

    /// A board that names a time is asked again by itself: nobody else would wake the lanes.
    @Test(.timeLimit(.minutes(10)), arguments: [1, 3, 16])
    func aPauseEndsByItself(lanes: Int) {
        var seen = 0
        _ = run(PausingBoard(pauses: 3, count: 40), lanes: lanes) {
            $0
        } consume: { _ in
            seen += 1
        }
        #expect(seen == 40)
    }

    /// Sleeping lanes cost nothing: one job after the other wakes one lane each.
    @Test func asManyLanesWakeAsThereAreJobs() {
        let contexts = Mutex(0)
        _ = LaneGroup(requestLanes: 64, label: "test").run(
            PingPongBoard(5), stop: StopToken(),
            makeContext: { contexts.withLock { $0 += 1 } },
            perform: { _, job in job }, consume: { _ in })
        #expect((1...5).contains(contexts.withLock { $0 }))
    }

    @Test func eachLaneMakesItsContextOnceAndOnlyIfItWorks() {
        let contexts = Mutex(0)
        let group = LaneGroup(requestLanes: 8, label: "test")
        let board = group.run(
            CountingBoard(1), stop: StopToken(),
            makeContext: { contexts.withLock { $0 += 1 } },
            perform: { _, job in job }, consume: { _ in })
        #expect(board.done.count == 1)
        #expect(contexts.withLock { $0 } == 1)
    }

    @Test func aBoardWithoutJobsEndsAtOnce() {
        var seen = 0
        _ = run(CountingBoard(0), lanes: 4) {
            $0
        } consume: { _ in
            seen += 1
        }
        #expect(seen == 0)
    }

    // MARK: Ending early

    @Test(.timeLimit(.minutes(10)), arguments: [1, 16])
    func stopEndsEarlyAndJobsInFlightStillCount(lanes: Int) {
        let stop = StopToken()
        let performed = Mutex(0)
        var seen: [Int] = []
        let board = run(CountingBoard(1_000_000), lanes: lanes, stop: stop) { job in
            performed.withLock { $0 += 1 }
            if job == 40 { stop.stop() }
            return job
        } consume: {
            seen.append($0)
        }
        #expect(board.done.count == performed.withLock { $0 })
        #expect(board.next == board.done.count)
        #expect((41..<41 + lanes).contains(board.done.count))
        // What was complete without a gap is still handed out.
        #expect(seen == Array(0..<board.done.count))
    }

    /// A window that is stopped has files to remove and a state to record.
    @Test(.timeLimit(.minutes(10)), arguments: [1, 16])
    func aBoardMayEndItsWorkItself(lanes: Int) {
        let stop = StopToken()
        let board = run(EndingBoard(), lanes: lanes, stop: stop) { job in
            if job == 40 { stop.stop() }
            return job
        }
        #expect(board.isEnded)
        #expect(board.handedOut >= 40)
    }

    @Test func aStoppedTokenStartsNothing() {
        let stop = StopToken()
        stop.stop()
        let board = run(CountingBoard(10), lanes: 4, stop: stop) { $0 }
        #expect(board.next == 0)
    }

    @Test(.timeLimit(.minutes(10)))
    func whatConsumeThrowsEndsTheLanesAndComesOut() {
        let inFlight = Mutex(0)
        let group = LaneGroup(requestLanes: 8, label: "test")
        #expect(throws: Refusal()) {
            _ = try group.run(
                CountingBoard(1_000_000), stop: StopToken(), makeContext: { 0 },
                perform: { _, job in
                    inFlight.withLock { $0 += 1 }
                    defer { inFlight.withLock { $0 -= 1 } }
                    return job
                },
                consume: { (output) throws(Refusal) in
                    if output == 20 { throw Refusal() }
                })
        }
        // No lane works on after the error is out.
        #expect(inFlight.withLock { $0 } == 0)
    }

    /// A caller that gets the error may take apart what the jobs work with.
    @Test(.timeLimit(.minutes(10))) func noJobIsInFlightWhenTheErrorComesOut() {
        let hasBegun = StopToken()
        let isThrowing = StopToken()
        let endedLate = Mutex(false)
        let group = LaneGroup(requestLanes: 2, label: "test")
        #expect(throws: Refusal()) {
            _ = try group.run(
                CountingBoard(2), stop: StopToken(), makeContext: { 0 },
                perform: { _, job in
                    guard job == 1 else {
                        _ = hasBegun.sleep(milliseconds: 20_000)
                        return job
                    }
                    hasBegun.stop()
                    _ = isThrowing.sleep(milliseconds: 20_000)
                    _ = StopToken().sleep(milliseconds: 50)
                    endedLate.withLock { $0 = true }
                    return job
                },
                consume: { (_) throws(Refusal) in
                    isThrowing.stop()
                    throw Refusal()
                })
        }
        #expect(endedLate.withLock { $0 })
    }

    private func run<Board: LaneBoard & Sendable>(
        _ board: Board, lanes: Int, stop: StopToken = StopToken(),
        perform: @escaping @Sendable (Board.Job) -> Board.Outcome,
        consume: (Board.Output) -> Void = { _ in }
    ) -> Board {
        LaneGroup(requestLanes: lanes, label: "test").run(
            board, stop: stop, makeContext: { 0 }, perform: { _, job in perform(job) },
            consume: consume)
    }
}
