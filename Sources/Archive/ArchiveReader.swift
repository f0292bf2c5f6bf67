/// Reads a version's slices in the order of their appends. For one thread.
public final class ArchiveReader {
    public let version: ArchivedVersion
    private let archive: WindowArchive
    private var ordinal = 0

    init(_ archive: WindowArchive, _ version: ArchivedVersion) {
        self.archive = archive
        self.version = version
    }

    /// The next slice; nil after the last of those that were there when the reader was made.
    ///
    /// - Throws: `archive_damaged` where the slice cannot be read back; the version is no longer
    ///   listed then. `archive_missing` where the version was dropped meanwhile.
    public func next() throws(ArchiveError) -> ArchivedSlice? {
        guard ordinal < version.sliceCount else { return nil }
        defer { ordinal += 1 }
        return try archive.slice(ordinal, of: version.id)
    }
}
