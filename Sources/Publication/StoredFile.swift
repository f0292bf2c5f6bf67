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
}
