import BoundedDispatch
import Compression
import ExportModel
import Planning
import RunLedger
import Synchronization
import Testing

@testable import ExportRun

/// The queue as a pure value: lanes are played by the test.
@Suite struct PartitionQueueTests {
    private typealias Queue = PartitionQueue<String>

    @Test func aPartitionHasAllAccountsOfAWindowOrOne() {
        let planned =
            windows(stream: 0, [("a", 1), ("b", 1), ("a", 2)])
            + windows(stream: 1, [("a", 2), ("b", 2)])
        let together = PlannedPartition.partitions(of: planned, layout: .window)
        #expect(together.map(\.windows) == [0..<2, 2..<3, 3..<5])
        #expect(together.map(\.streamIndex) == [0, 0, 1])
        let apart = PlannedPartition.partitions(of: planned, layout: .account)
        #expect(apart.map(\.windows) == [0..<1, 1..<2, 2..<3, 3..<4, 4..<5])
    }

    /// One sync for many account windows, but none waits long for it.
    @Test func walkedAccountWindowsWaitForEachOther() {
        let now = Clock()
        var queue = queue(of: 300, clock: now)
        for index in 1..<RunLimits.commitCount { queue.add(walked(index)) }
        guard case .pause(let milliseconds) = queue.claimStorage(isStopped: false) else {
            Issue.record("255 of 300 do not wait")
            return
        }
        #expect(milliseconds == RunLimits.commitMilliseconds)
        queue.add(walked(0))
        let first = archived(&queue)
        #expect(first?.count == RunLimits.commitCount)
        queue.add(walked(RunLimits.commitCount))
        now.advance(RunLimits.commitMilliseconds - 1)
        guard case .pause(1) = queue.claimStorage(isStopped: false) else {
            Issue.record("it does not wait for others")
            return
        }
        now.advance(1)
        let second = archived(&queue)
        #expect(second?.count == 1)
        #expect(queue.walkedCount == 0)
    }

    @Test func theLastOfAPartitionWaitForNobody() {
        var queue = queue(of: 3)
        for index in 0..<3 { queue.add(walked(index)) }
        let all = archived(&queue)
        #expect(all?.map(\.index) == [0, 1, 2])
    }

    @Test func aStopEndsTheWait() {
        var queue = queue(of: 100)
        queue.add(walked(0))
        let stopped = archived(&queue, isStopped: true)
        #expect(stopped?.count == 1)
    }

    /// Steps go one by one, blocks side by side, and nothing is published before the last.
    @Test func aPartitionIsMadeStepByStepOnceAllHaveEnded() throws {
        var queue = queue(of: 2)
        queue.add(end(0))
        expectNothingToMake(&queue)
        queue.add(end(1))
        guard let step = queue.claimComputation(isStopped: false), case .make(0, let ends) = step
        else {
            Issue.record("it is not made")
            return
        }
        #expect(ends.map(\.index) == [0, 1])
        expectNothingToMake(&queue)
        _ = queue.complete(step, with: .made(try blocks(), isLast: true))
        guard let first = queue.claimComputation(isStopped: false), case .compressPart = first,
            let second = queue.claimComputation(isStopped: false), case .compressPart = second
        else {
            Issue.record("two blocks to compress")
            return
        }
        _ = queue.complete(first, with: .compressed)
        guard case .wait = queue.claimStorage(isStopped: false) else {
            Issue.record("it is published before its blocks are compressed")
            return
        }
        _ = queue.complete(second, with: .compressed)
        guard case .item(let publication) = queue.claimStorage(isStopped: false),
            case .publish(0, _) = publication
        else {
            Issue.record("it is not published")
            return
        }
        #expect(!queue.isDone)
        _ = queue.complete(
            publication, with: .published(FinishedPartition(windows: [], partition: nil)))
        #expect(queue.isDone)
        let finished = [queue.popFinished(), queue.popFinished()]
        #expect(finished.map { $0 != nil } == [true, false])
    }

    @Test func whatIsWalkedAgainIsHandedBack() {
        var queue = queue(of: 2)
        queue.add(walked(0))
        queue.add(end(1))
        guard case .item(let job) = queue.claimStorage(isStopped: false) else {
            Issue.record("the only one left does not wait")
            return
        }
        let again = queue.complete(job, with: .archived(again: [walked(0)], ended: []))
        #expect(again.map(\.index) == [0])
        expectNothingToMake(&queue)
    }

    /// Account windows that never begin end the wait of the others, but not with a partition.
    @Test func aDroppedAccountWindowEndsItsPartitionUnmade() {
        var queue = Queue(
            [PlannedPartition(windows: 0..<2, streamIndex: 0)], clock: { 0 })
        _ = queue.open(0)
        queue.add(end(0))
        queue.drop([1])
        expectNothingToMake(&queue)
        guard case .item(.publish(0, let ends)) = queue.claimStorage(isStopped: true) else {
            Issue.record("its account window has no result")
            return
        }
        #expect(ends.map(\.index) == [0])
    }

    @Test func openPartitionsAreLimited() {
        let planned = (0...RunLimits.openPartitions).map {
            PlannedPartition(windows: $0..<$0 + 1, streamIndex: 0)
        }
        var queue = Queue(planned, clock: { 0 })
        let opened = (0...RunLimits.openPartitions).filter { queue.open($0) }
        #expect(opened.count == RunLimits.openPartitions)
    }

    // MARK: Helpers

    private func expectNothingToMake(
        _ queue: inout Queue, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let job = queue.claimComputation(isStopped: false)
        #expect(job == nil, sourceLocation: sourceLocation)
    }

    private final class Clock: Sendable {
        private let milliseconds = Mutex<Int64>(0)

        func advance(_ count: Int64) { milliseconds.withLock { $0 += count } }
        func now() -> Int64 { milliseconds.withLock { $0 } }
    }

    /// One partition whose account windows have all begun.
    private func queue(of count: Int, clock: Clock = Clock()) -> Queue {
        var queue = Queue(
            [PlannedPartition(windows: 0..<count, streamIndex: 0)], clock: { clock.now() })
        for index in 0..<count { _ = queue.open(index) }
        return queue
    }

    private func walked(_ index: Int) -> WalkedWindow<String> {
        WalkedWindow(index: index, run: "\(index)", walk: nil, failure: nil)
    }

    private func archived(
        _ queue: inout Queue, isStopped: Bool = false
    ) -> [WalkedWindow<String>]? {
        guard case .item(.archive(_, let walked)) = queue.claimStorage(isStopped: isStopped)
        else { return nil }
        return walked
    }

    private func end(_ index: Int) -> AccountEnd {
        let window = Window(key: .batch("b"), range: nil, timeZoneIdentifier: "UTC")
        let identity = WindowIdentity(
            pipeline: "p", stream: "s", account: "\(index)", window: "b")
        return AccountEnd(
            index: index, entry: LedgerEntry(identity: identity, window: window),
            status: .archived, runID: "r", at: Timestamp(epochMilliseconds: 0))
    }

    private func blocks() throws -> [CompressionJob] {
        let stream = try CompressionStream(.gzip(), defersWork: true)
        var output: [UInt8] = []
        try stream.append([UInt8](repeating: 7, count: 2 << 20), to: &output)
        return stream.takeJobs()
    }

    private func windows(stream: Int, _ names: [(account: String, batch: Int)]) -> [PlannedWindow] {
        names.map { name in
            PlannedWindow(
                streamIndex: stream, accountIndex: 0, stream: "s\(stream)", account: name.account,
                window: Window(
                    key: .batch("\(name.batch)"), range: nil, timeZoneIdentifier: "UTC"),
                reason: .range)
        }
    }
}
