public import ExportModel

/// What a lease is called in its store: one for a pipeline, or for each shard of it.
public struct LeaseName: Hashable, Sendable {
    private static let directoryName = "_locks"

    private let pipeline: String
    private let shard: Shard?

    /// - Parameter shard: the part of the pipeline that a run exports; nil: all of it.
    public init(pipeline: String, shard: Shard? = nil) {
        self.pipeline = pipeline
        self.shard = shard
    }

    /// Holds the epochs.
    var directory: String {
        "\(Self.directoryName)/\(pipeline)" + (shard.map { ".\($0.fileName)" } ?? "")
    }

    /// What the directories of all leases of the pipeline begin with, and perhaps of others.
    var commonPrefix: String { "\(Self.directoryName)/\(pipeline)" }

    /// The key of an epoch. Keys sort by it.
    func key(_ epoch: Int) -> String {
        let digits = String(epoch)
        return "\(directory)/" + String(repeating: "0", count: max(8 - digits.count, 0)) + digits
    }

    /// The lease and the epoch of a key; nil for keys of other pipelines, whose names have no dot.
    func parse(_ key: String) -> (name: LeaseName, epoch: Int)? {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.directoryName, let epoch = Int(parts[2]) else {
            return nil
        }
        if parts[1] == pipeline { return (LeaseName(pipeline: pipeline), epoch) }
        let numbers = parts[1].dropFirst(pipeline.count)
        guard parts[1].hasPrefix(pipeline),
            let match = numbers.wholeMatch(of: /\.([0-9]+)-of-([0-9]+)/),
            let index = Int(match.1), let count = Int(match.2),
            let shard = Shard(index: index, count: count)
        else { return nil }
        return (LeaseName(pipeline: pipeline, shard: shard), epoch)
    }

    /// Whether runs of both may write the same partitions: only shards of one number never do.
    func collides(with other: LeaseName) -> Bool {
        guard let shard, let others = other.shard else { return true }
        return shard.count != others.count || shard.index == others.index
    }
}
