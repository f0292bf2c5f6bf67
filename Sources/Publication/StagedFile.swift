import ExportModel
import FileSystem

/// A file of a partition being written: its bytes, hashed, to the file system.
///
/// Compressed blocks were read back and compared before they come here, so that the hash of the
/// bytes is all that ``finish(rows:dataByteCount:)`` needs to compare. Memory is bounded by the
/// write size. For one thread.
public final class StagedFile {
    private static let writeByteCount = 1 << 18

    /// Name in the partition's directory.
    public let name: String
    private let path: String
    private let files: Files<PartitionError>
    private let file: FileWriter<PartitionError>
    private var pending: [UInt8] = []
    private let stored = ContentDigest()

    /// Makes the file `name` in `directory`.
    init(
        _ name: String, in directory: String, files: Files<PartitionError>
    ) throws(PartitionError) {
        self.name = name
        self.files = files
        path = directory + "/" + name
        file = try files.create(path)
    }

    /// Takes the next bytes.
    public func append(_ bytes: [UInt8]) throws(PartitionError) {
        // A row group comes as a whole: it is not to wait here as a whole.
        if pending.isEmpty, bytes.count >= Self.writeByteCount { return try write(bytes) }
        pending += bytes
        if pending.count >= Self.writeByteCount { try flush() }
    }

    /// Ends the file, makes it durable, and reads its bytes back from the disk.
    ///
    /// - Parameters:
    ///   - rows: rows written.
    ///   - dataByteCount: what the manifest states as the size before compression.
    /// - Throws: ``PartitionError/Code/rereadDiffers`` where the file holds anything else than
    ///   was written.
    public func finish(rows: Int, dataByteCount: Int) throws(PartitionError) -> ManifestFile {
        try flush()
        try file.sync(evictsCache: true)
        let found = try StoredFile(path, files).digest()
        guard found == (stored.byteCount, stored.hexadecimal) else {
            throw PartitionError(
                .rereadDiffers,
                "\(path) does not hold what was written (\(found.byteCount) of "
                    + "\(stored.byteCount) bytes); nothing was published, check the disk and run "
                    + "again")
        }
        return ManifestFile(
            path: name, rows: rows, bytes: found.byteCount, uncompressedBytes: dataByteCount,
            sha256: found.sha256)
    }

    private func flush() throws(PartitionError) {
        try write(pending)
        pending.removeAll(keepingCapacity: true)
    }

    private func write(_ bytes: [UInt8]) throws(PartitionError) {
        stored.append(bytes)
        try file.append(bytes)
    }
}
