import Compression
import ExportModel
import FileSystem

/// A file on disk, read from end to end.
struct StoredFile {
    let path: String
    let files: Files<PartitionError>

    init(_ path: String, _ files: Files<PartitionError>) {
        self.path = path
        self.files = files
    }

    /// Size and SHA-256 of the bytes as stored.
    func digest() throws(PartitionError) -> (byteCount: Int, sha256: String) {
        let digest = ContentDigest()
        let reader = try files.reader(of: path)
        while let piece = try reader.next() { digest.append(piece) }
        return (digest.byteCount, digest.hexadecimal)
    }

    /// Hands the data of a gzip file to `sink` in order, in pieces that are valid only during the
    /// call.
    ///
    /// - Throws: storage errors; ``PartitionError/Code/rereadDiffers`` where the bytes do not
    ///   decompress.
    func readGzip(to sink: (UnsafeRawBufferPointer) -> Void) throws(PartitionError) {
        let stream = try decompressing(try DecompressionStream(.gzip()))
        let reader = try files.reader(of: path)
        while let piece = try reader.next() {
            try decompressing(try stream.append(piece, to: sink))
        }
        try decompressing(try stream.finish())
    }

    private func decompressing<Result>(
        _ body: @autoclosure () throws(CompressionError) -> Result
    ) throws(PartitionError) -> Result {
        do {
            return try body()
        } catch {
            throw PartitionError(
                .rereadDiffers, "\(path) does not read back: \(error.message)", cause: error)
        }
    }
}
