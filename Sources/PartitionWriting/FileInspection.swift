import Compression
import ExportModel

/// What a file on disk turned out to hold when it was read from end to end.
struct FileInspection: Equatable {
    /// Of the bytes as stored.
    var byteCount: Int
    var sha256: String
    /// Of the data, decompressed.
    var dataByteCount: Int
    var dataSHA256: String
    /// nil where the data does not end as it must, or nothing can count the rows.
    var rowCount: Int?

    /// Reads a part or rejects file.
    ///
    /// - Parameters:
    ///   - counter: counts the rows of the data.
    ///   - checksData: false leaves ``dataSHA256`` empty.
    /// - Throws: storage errors; ``PartitionError/Code/rereadDiffers`` where the bytes do not
    ///   decompress.
    init(
        of path: String, counter: (any RowCounter)?, checksData: Bool,
        fileSystem: any FileSystem
    ) throws(PartitionError) {
        var counter = counter
        let stored = ContentDigest()
        let data = ContentDigest()
        var dataByteCount = 0
        let codec = StoredCodec.split(path).codec
        let isPlain = codec == .none
        let stream = try Self.decompressing(path) { () throws(CompressionError) in
            try DecompressionStream(codec)
        }
        try fileSystem.readFile(at: path) { (piece) throws(PartitionError) in
            stored.append(piece)
            try Self.decompressing(path) { () throws(CompressionError) in
                try stream.append(piece) { bytes in
                    if checksData, !isPlain { data.append(bytes) }
                    dataByteCount += bytes.count
                    counter?.append(bytes)
                }
            }
        }
        try Self.decompressing(path) { () throws(CompressionError) in try stream.finish() }
        byteCount = stored.byteCount
        sha256 = stored.hexadecimal
        self.dataByteCount = dataByteCount
        dataSHA256 = !checksData ? "" : isPlain ? sha256 : data.hexadecimal
        rowCount = counter?.finish()
    }

    /// SHA-256 of a file as stored, without looking into it.
    static func sha256(
        of path: String, fileSystem: any FileSystem
    ) throws(PartitionError) -> String {
        let stored = ContentDigest()
        try fileSystem.readFile(at: path) { (piece) throws(PartitionError) in
            stored.append(piece)
        }
        return stored.hexadecimal
    }

    private static func decompressing<Result>(
        _ path: String, _ body: () throws(CompressionError) -> Result
    ) throws(PartitionError) -> Result {
        do {
            return try body()
        } catch {
            throw PartitionError(
                .rereadDiffers, "\(path) does not read back: \(error.message)", cause: error)
        }
    }
}
