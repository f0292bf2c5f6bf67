public import ExportModel

/// Complete windows of one stream whose files were made with other settings than the pipeline's:
/// another format, other columns, another source.
public struct OutdatedWindows: Hashable, Sendable {
    public var stream: String
    public var count: Int
    /// Keys of the oldest and the newest of them.
    public var first: String
    public var last: String

    /// Counts windows by stream, in the pipeline's order.
    ///
    /// - Parameters:
    ///   - partitions: oldest first; those of streams and accounts that the pipeline does not have
    ///     are left out.
    ///   - streams: nil for all.
    ///   - accounts: nil for all.
    public static func count(
        _ partitions: [OutdatedPartition], in pipeline: Pipeline, streams: Set<String>?,
        accounts: Set<String>?
    ) -> [OutdatedWindows] {
        if partitions.isEmpty { return [] }
        let byStream = Dictionary(grouping: partitions.map(\.identity), by: \.stream)
        return pipeline.streams.compactMap { stream in
            guard streams?.contains(stream.name) ?? true else { return nil }
            let known = Set(stream.accounts.map(\.name))
            let own = (byStream[stream.name] ?? []).filter { partition in
                guard let account = partition.account else { return true }
                return known.contains(account) && (accounts?.contains(account) ?? true)
            }
            guard let first = own.first, let last = own.last else { return nil }
            return OutdatedWindows(
                stream: stream.name, count: own.count, first: first.window, last: last.window)
        }
    }

    /// What they are, and the remedy.
    public var message: String {
        let windows = count == 1 ? "1 complete window" : "\(count) complete windows"
        let range = first == last ? first : "\(first) to \(last)"
        let remedy =
            first.hasPrefix("batch=")
            ? "export again with `refresh: 1` in the stream's `windows:`"
            : "export again with `cdrx backfill --from … --to … --force`"
        return "\(stream): \(windows) outdated (\(range)): made with another format, other columns "
            + "or from another source; \(remedy)"
    }
}
