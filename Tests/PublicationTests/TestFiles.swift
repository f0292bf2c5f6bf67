import Compression

@testable import Publication

/// Files of a partition as text, decompressed as their names say.
enum TestFiles {
    static func text(_ path: String, _ fileSystem: any FileSystem) throws -> String {
        let bytes = try fileSystem.contents(of: path)
        return String(
            decoding: path.hasSuffix(".gz") ? try decompress(bytes, .gzip()) : bytes,
            as: UTF8.self)
    }
}
