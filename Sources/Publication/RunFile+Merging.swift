extension RunFile {
    /// One run file of those of several runs, as shards of a pipeline write them: what stands
    /// published after all of them.
    ///
    /// A partition that several runs published is that of the run which began last; it has changed
    /// if one of them changed it. The id and the sequence are those of the run that began last.
    ///
    /// - Parameter files: not empty; in any order.
    /// - Throws: ``PartitionError/Code/runsOfOtherPipeline``.
    public static func merged(
        _ files: [RunFile], tool: String
    ) throws(PartitionError) -> RunFile {
        let sorted = files.sorted {
            ($0.startedAt.moment, $0.runID) < ($1.startedAt.moment, $1.runID)
        }
        guard var merged = sorted.last else { preconditionFailure("there is a file to merge") }
        if let other = sorted.first(where: { $0.pipeline != merged.pipeline }) {
            throw PartitionError(
                .runsOfOtherPipeline,
                "run \(other.runID) is of pipeline '\(other.pipeline)', and run \(merged.runID) of "
                    + "'\(merged.pipeline)'; merge the run files of one pipeline")
        }
        var partitions: [String: RunPartition] = [:]
        for file in sorted {
            for partition in file.partitions {
                var partition = partition
                if partitions[partition.directory]?.changed == true { partition.changed = true }
                partitions[partition.directory] = partition
            }
        }
        merged.partitions = partitions.values.sorted { $0.directory < $1.directory }
        merged.mergedFrom = Set(sorted.flatMap { $0.mergedFrom ?? [$0.runID] }).sorted()
        merged.startedAt = sorted.map(\.startedAt).min { $0.moment < $1.moment } ?? merged.startedAt
        merged.finishedAt =
            sorted.map(\.finishedAt).max { $0.moment < $1.moment } ?? merged.finishedAt
        merged.tool = tool
        return merged
    }
}
