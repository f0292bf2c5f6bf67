import Compression

@testable import PartitionWriting

/// Files of a partition as text, decompressed as their names say.
enum TestFiles {
    static func text(_ path: String, _ fileSystem: any FileSystem) throws -> String {
        let bytes = try fileSystem.contents(of: path)
        return String(
            decoding: try decompress(bytes, StoredCodec.split(path).codec), as: UTF8.self)
    }
}
