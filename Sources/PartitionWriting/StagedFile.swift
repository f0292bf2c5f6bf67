import Compression
import ExportModel

/// A part or rejects file being written: data in, compressed, hashed, to the file system.
///
/// Compressed chunks were read back and compared before they come here, so that the hash of the
/// stored bytes is all that ``finish(rows:)`` needs to compare. Memory is bounded by the write size.
final class StagedFile {
    private static let writeByteCount = 1 << 18

    private let path: String
    private let name: String
    private let fileSystem: any FileSystem
    private let file: any OutputFile
    private let stream: CompressionStream
    private var pending: [UInt8] = []
    private let stored = ContentDigest()
    private var dataByteCount = 0

    /// Makes the file `name` in `directory`.
    ///
    /// - Parameter defersCompression: see ``takeCompressionJobs()``.
    init(
        _ name: String, in directory: String, codec: Codec, defersCompression: Bool = false,
        fileSystem: any FileSystem
    ) throws(PartitionError) {
        self.name = name
        self.fileSystem = fileSystem
        path = directory + "/" + name
        stream = try compressing(path) { () throws(CompressionError) in
            try CompressionStream(codec, defersWork: defersCompression)
        }
        file = try fileSystem.createFile(at: path)
    }

    /// Takes the next data.
    func append(_ bytes: [UInt8]) throws(PartitionError) {
        dataByteCount += bytes.count
        let result = bytes.withUnsafeBytes { all in
            Result { () throws(PartitionError) in
                // A row group comes as a whole: it is not to wait here as a whole.
                for start in stride(from: 0, to: all.count, by: Self.writeByteCount) {
                    let end = min(start + Self.writeByteCount, all.count)
                    try append(UnsafeRawBufferPointer(rebasing: all[start..<end]))
                }
            }
        }
        try result.get()
    }

    private func append(_ piece: UnsafeRawBufferPointer) throws(PartitionError) {
        try compressing(path) { () throws(CompressionError) in
            try stream.append(piece, to: &pending)
        }
        if pending.count >= Self.writeByteCount { try flush() }
    }

    /// Blocks for other threads to compress; they are to be done before ``finish(rows:)``.
    func takeCompressionJobs() -> [CompressionJob] { stream.takeJobs() }

    /// Ends the file, makes it durable, and reads its bytes back from the disk.
    ///
    /// - Parameters:
    ///   - rows: rows written.
    ///   - dataByteCount: what the manifest states as the size before compression.
    /// - Throws: ``PartitionError/Code/rereadDiffers`` where the file holds anything else than
    ///   was written.
    func finish(rows: Int, dataByteCount: Int? = nil) throws(PartitionError) -> ManifestFile {
        try compressing(path) { () throws(CompressionError) in try stream.finish(into: &pending) }
        try flush()
        try file.sync()
        try file.close()
        let found = try StoredFile(path, fileSystem).digest()
        guard found == (stored.byteCount, stored.hexadecimal) else {
            throw PartitionError(
                .rereadDiffers,
                "\(path) does not hold what was written (\(found.byteCount) of "
                    + "\(stored.byteCount) bytes); nothing was published, check the disk and run "
                    + "again")
        }
        return ManifestFile(
            path: name, rows: rows, bytes: found.byteCount,
            uncompressedBytes: dataByteCount ?? self.dataByteCount, sha256: found.sha256)
    }

    private func flush() throws(PartitionError) {
        let result = pending.withUnsafeBytes { bytes in
            stored.append(bytes)
            return Result { () throws(PartitionError) in try file.write(bytes) }
        }
        try result.get()
        pending.removeAll(keepingCapacity: true)
    }
}

private func compressing<Result>(
    _ path: String, _ body: () throws(CompressionError) -> Result
) throws(PartitionError) -> Result {
    do {
        return try body()
    } catch {
        throw PartitionError(
            .compressionFailed, "cannot compress \(path): \(error.message)", cause: error)
    }
}
