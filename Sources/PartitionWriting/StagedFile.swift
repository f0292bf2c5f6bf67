import Compression
import ExportModel

/// A part or rejects file being written: data in, compressed, hashed, to the file system.
///
/// ``finish(rows:)`` makes it durable and reads it back. Memory is bounded by the write size.
final class StagedFile {
    private static let writeByteCount = 1 << 18

    private let path: String
    private let name: String
    private let fileSystem: any FileSystem
    private let file: any OutputFile
    private let stream: CompressionStream
    private var pending: [UInt8] = []
    private let stored = ContentDigest()
    private let data = ContentDigest()

    /// Makes the file `name` in `directory`.
    init(
        _ name: String, in directory: String, codec: Codec, fileSystem: any FileSystem
    ) throws(PartitionError) {
        self.name = name
        self.fileSystem = fileSystem
        path = directory + "/" + name
        stream = try compressing(path) { () throws(CompressionError) in
            try CompressionStream(codec)
        }
        file = try fileSystem.createFile(at: path)
    }

    /// Takes the next data.
    func append(_ bytes: [UInt8]) throws(PartitionError) {
        bytes.withUnsafeBytes { data.append($0) }
        try compressing(path) { () throws(CompressionError) in
            try stream.append(bytes, to: &pending)
        }
        if pending.count >= Self.writeByteCount { try flush() }
    }

    /// Ends the file, makes it durable, and reads it back.
    ///
    /// - Parameters:
    ///   - rows: rows written.
    ///   - counter: must find as many.
    ///   - dataByteCount: what the manifest tells as the size before compression.
    /// - Throws: ``PartitionError/Code/rereadDiffers`` where the file holds anything else than
    ///   was written.
    func finish(
        rows: Int, counter: any RowCounter, dataByteCount: Int? = nil
    ) throws(PartitionError) -> ManifestFile {
        try compressing(path) { () throws(CompressionError) in try stream.finish(into: &pending) }
        try flush()
        try file.sync()
        try file.close()
        let found = try FileInspection(
            of: path, counter: counter, checksData: true, fileSystem: fileSystem)
        let written = [stored.hexadecimal, data.hexadecimal]
        guard found.byteCount == stored.byteCount, found.dataByteCount == data.byteCount,
            [found.sha256, found.dataSHA256] == written, found.rowCount == rows
        else {
            throw PartitionError(
                .rereadDiffers,
                "\(path) does not hold what was written (\(found.rowCount ?? -1) of \(rows) rows, "
                    + "\(found.byteCount) of \(stored.byteCount) bytes); nothing was published, "
                    + "check the disk and run again")
        }
        return ManifestFile(
            path: name, rows: rows, bytes: found.byteCount,
            uncompressedBytes: dataByteCount ?? data.byteCount, sha256: found.sha256)
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
