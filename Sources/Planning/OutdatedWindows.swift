/// Partitions of one stream that stay as they are, although the pipeline's settings changed or a
/// rebuild was asked for.
public struct OutdatedWindows: Hashable, Sendable {
    /// Why they stay as they are.
    public enum Cause: String, CaseIterable, Sendable {
        /// They are outdated, the archive has them, and the plan is about other windows.
        case notInRange = "not_in_range"
        /// The archive does not have all that they hold.
        case archivePruned = "archive_pruned"
    }

    public var stream: String
    public var cause: Cause
    public var count: Int
    /// Keys of the oldest and the newest of their windows.
    public var first: String
    public var last: String

    /// - Parameter windows: keys, oldest first.
    /// - Returns: nil for none.
    init?(stream: String, cause: Cause, windows: [String]) {
        guard let first = windows.first, let last = windows.last else { return nil }
        self.stream = stream
        self.cause = cause
        count = windows.count
        self.first = first
        self.last = last
    }

    /// What they are, and the remedy.
    public var message: String {
        let partitions = count == 1 ? "1 partition" : "\(count) partitions"
        let range = first == last ? first : "\(first) to \(last)"
        switch cause {
        case .notInRange:
            return """
                \(stream): \(partitions) outdated (\(range)): made with another format, other \
                columns or from another source; `cdrx rebuild --outdated` makes them again without \
                a request
                """
        case .archivePruned:
            let remedy =
                first.hasPrefix("batch=")
                ? "export again with `refresh: 1` in the stream's `windows:`"
                : "export again with `cdrx backfill --from … --to … --force`"
            return """
                \(stream): \(partitions) outdated (\(range)), and the archive does not have what \
                the provider sent for them; \(remedy)
                """
        }
    }
}
