import BoundedDispatch
import Compression
import ExportModel
import Planning

/// The account windows of a plan that go into one partition.
struct PlannedPartition: Hashable, Sendable {
    /// Into the plan's windows.
    var windows: Range<Int>
    /// Index into the pipeline's streams.
    var streamIndex: Int

    /// The partitions of a plan's windows, in their order.
    static func partitions(
        of windows: [PlannedWindow], layout: PartitionLayout
    ) -> [PlannedPartition] {
        var partitions: [PlannedPartition] = []
        for (index, window) in windows.enumerated() {
            if layout == .window, let last = partitions.last,
                last.streamIndex == window.streamIndex,
                windows[last.windows.lowerBound].bucket == window.bucket,
                windows[last.windows.lowerBound].window.key == window.window.key
            {
                partitions[partitions.count - 1].windows = last.windows.lowerBound..<index + 1
            } else {
                partitions.append(
                    PlannedPartition(windows: index..<index + 1, streamIndex: window.streamIndex))
            }
        }
        return partitions
    }
}

/// What became of the account windows of one partition.
struct FinishedPartition: Sendable {
    /// With their indices into the plan's windows.
    var windows: [(index: Int, result: WindowResult)]
    /// nil where nothing was to be published.
    var partition: PartitionResult?
}

/// The part of a ``RunBoard`` after the walks: account windows are archived together, and when all
/// of a partition's have ended it is made and published.
struct PartitionQueue<Run: Sendable>: Sendable {
    private enum Phase {
        /// Waits for account windows.
        case collecting
        /// Its next step waits for a compute lane, or its last blocks are compressed.
        case making
        /// Waits for a storage lane.
        case made
        case publishing
        case done
    }

    private struct Partition {
        let stream: Int
        var phase = Phase.collecting
        /// Account windows that have not ended.
        var openCount: Int
        /// Of those, how many have not been begun.
        var waitingCount: Int
        var walked: [WalkedWindow<Run>] = []
        /// When the first of ``walked`` came.
        var walkedSince: Int64 = 0
        var ends: [AccountEnd] = []
        /// Some account window was never begun.
        var isDropped = false
        var isStepping = false
        var isLastStepDone = false
        var compressions: [CompressionJob] = []
        var compressingCount = 0

        /// Whether no account window can join those that wait to be archived, before these have
        /// been.
        var isWholeWalked: Bool { walked.count == openCount }
    }

    private let clock: @Sendable () -> Int64
    /// By index into the plan's windows.
    private var partitionOf: [Int] = []
    private var partitions: [Partition]
    /// Those that were begun and are not done, in order.
    private var open: [Int] = []
    private var finished: [FinishedPartition] = []
    /// Account windows that wait to be archived.
    private(set) var walkedCount = 0
    /// Those that failed and have not ended, by stream.
    private var failingCounts: [Int: Int] = [:]

    init(_ planned: [PlannedPartition], clock: @escaping @Sendable () -> Int64) {
        self.clock = clock
        partitions = planned.map { partition in
            Partition(
                stream: partition.streamIndex, openCount: partition.windows.count,
                waitingCount: partition.windows.count)
        }
        for (index, partition) in planned.enumerated() {
            partitionOf += Array(repeating: index, count: partition.windows.count)
        }
    }

    var isDone: Bool { open.isEmpty }

    /// Whether partitions of a stream are at work, besides that of an account window.
    func isBusy(besides index: Int, stream: Int) -> Bool {
        open.contains { partitions[$0].stream == stream && $0 != partitionOf[index] }
    }

    /// Account windows of a stream that failed, as long as that has not been judged.
    func failingCount(stream: Int) -> Int { failingCounts[stream] ?? 0 }

    /// Notes that an account window begins.
    ///
    /// - Returns: false if no other partition may be begun now.
    mutating func open(_ index: Int) -> Bool {
        let partition = partitionOf[index]
        if open.last != partition, !open.contains(partition) {
            guard open.count < RunLimits.openPartitions else { return false }
            open.append(partition)
        }
        partitions[partition].waitingCount -= 1
        return true
    }

    /// Account windows that will not begin: their partitions are not published.
    mutating func drop(_ indices: ArraySlice<Int>) {
        for index in indices {
            partitions[partitionOf[index]].isDropped = true
            partitions[partitionOf[index]].openCount -= 1
            partitions[partitionOf[index]].waitingCount -= 1
        }
        for partition in open { endIfAllEnded(partition) }
    }

    mutating func add(_ window: WalkedWindow<Run>) {
        let index = partitionOf[window.index]
        if partitions[index].walked.isEmpty { partitions[index].walkedSince = clock() }
        partitions[index].walked.append(window)
        walkedCount += 1
        if window.isFailing { failingCounts[partitions[index].stream, default: 0] += 1 }
    }

    mutating func add(_ end: AccountEnd) {
        let index = partitionOf[end.index]
        partitions[index].openCount -= 1
        partitions[index].ends.append(end)
        endIfAllEnded(index)
    }

    mutating func popFinished() -> FinishedPartition? { finished.popLast() }

    /// - Returns: account windows that are walked once more.
    mutating func complete(
        _ job: RunBoard<Run>.Job, with outcome: RunBoard<Run>.Outcome
    ) -> [WalkedWindow<Run>] {
        if case .archive(let index, let walked) = job {
            let failingCount = walked.count(where: \.isFailing)
            failingCounts[partitions[index].stream, default: 0] -= failingCount
        }
        switch (job, outcome) {
        case (.archive(let index, _), .archived(let again, let ended)):
            partitions[index].openCount -= ended.count
            partitions[index].ends += ended
            endIfAllEnded(index)
            return again
        case (.make(let index, _), .made(let jobs, let isLast)):
            partitions[index].isStepping = false
            partitions[index].compressions = jobs
            partitions[index].isLastStepDone = isLast
            if isLast { makeIfCompressed(index) }
        case (.compressPart(let index, _), _):
            partitions[index].compressingCount -= 1
            if partitions[index].isLastStepDone { makeIfCompressed(index) }
        case (.publish(let index, _), .published(let result)),
            (.archive(let index, _), .published(let result)):
            partitions[index].phase = .done
            partitions[index].ends = []
            open.removeAll { $0 == index }
            finished.append(result)
        default: preconditionFailure("an outcome of another job")
        }
        return []
    }

    private mutating func endIfAllEnded(_ index: Int) {
        if partitions[index].openCount == 0, partitions[index].phase == .collecting {
            partitions[index].phase = partitions[index].isDropped ? .made : .making
        }
    }

    private mutating func makeIfCompressed(_ index: Int) {
        if partitions[index].compressions.isEmpty, partitions[index].compressingCount == 0 {
            partitions[index].phase = .made
        }
    }

    /// The next step of the oldest partition whose account windows have all ended.
    mutating func claimComputation(isStopped: Bool) -> RunBoard<Run>.Job? {
        for index in open where partitions[index].phase == .making {
            if let job = partitions[index].compressions.popLast() {
                partitions[index].compressingCount += 1
                return .compressPart(partition: index, job)
            }
            if !partitions[index].isStepping, partitions[index].compressingCount == 0,
                !partitions[index].isLastStepDone
            {
                partitions[index].isStepping = true
                return .make(partition: index, partitions[index].ends)
            }
        }
        return nil
    }

    /// A publication, or account windows to be archived with one sync.
    mutating func claimStorage(isStopped: Bool) -> LaneClaim<RunBoard<Run>.Job> {
        var shortestPause: Int64?
        for index in open {
            switch partitions[index].phase {
            case .made:
                partitions[index].phase = .publishing
                return .item(.publish(partition: index, partitions[index].ends))
            case .collecting where !partitions[index].walked.isEmpty:
                let age = clock() - partitions[index].walkedSince
                let rest = RunLimits.commitMilliseconds - age
                if !isStopped, !partitions[index].isWholeWalked, rest > 0,
                    partitions[index].walked.count < RunLimits.commitCount,
                    failingCount(stream: partitions[index].stream) == 0
                {
                    shortestPause = min(shortestPause ?? rest, rest)
                    continue
                }
                let walked = partitions[index].walked
                partitions[index].walked = []
                walkedCount -= walked.count
                return .item(.archive(partition: index, walked))
            default: break
            }
        }
        return shortestPause.map { .pause(milliseconds: $0) } ?? .wait
    }
}
