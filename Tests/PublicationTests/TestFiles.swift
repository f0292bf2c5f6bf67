import Compression
import FileSystem
import TestDisk

@testable import Publication

/// Files of a partition as text, decompressed as their names say.
enum TestFiles {
    static func text(_ path: String, _ disk: any Disk) throws -> String {
        let bytes = try disk.files.contents(of: path)
        return String(
            decoding: path.hasSuffix(".gz") ? try decompress(bytes, .gzip()) : bytes,
            as: UTF8.self)
    }

    /// Empty for anything that is no gzip.
    static func text(gzip bytes: [UInt8]) -> String {
        (try? decompress(bytes, .gzip())).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
