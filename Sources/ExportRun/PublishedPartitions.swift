import BoundedDispatch
import Publication

/// The partitions a run has published so far, for its run file.
final class PublishedPartitions: Sendable {
    private let partitions = Guarded<[RunPartition]>([])

    /// Notes a publication. Any thread may call.
    func add(_ partition: PublishedPartition) {
        partitions.withLock { $0.append(RunPartition(partition)) }
    }

    /// By stream, account and window.
    var sorted: [RunPartition] {
        partitions.withLock { $0 }.sorted {
            ($0.stream, $0.account ?? "", $0.window) < ($1.stream, $1.account ?? "", $1.window)
        }
    }
}
