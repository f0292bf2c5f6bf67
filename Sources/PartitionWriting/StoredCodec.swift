import Compression
import ExportModel

/// How a file is compressed, as its name says.
enum StoredCodec {
    private static let suffixes: [(suffix: String, codec: Codec)] = [
        (".gz", .gzip()), (".zst", .zstd()),
    ]

    /// The name without the codec's suffix, and the codec.
    static func split(_ name: String) -> (stem: String, codec: Codec) {
        for (suffix, codec) in suffixes where name.hasSuffix(suffix) {
            return (String(name.dropLast(suffix.count)), codec)
        }
        return (name, .none)
    }

    /// The codec that `options` ask for around files that do not compress themselves, and the
    /// suffix of their names.
    static func choice(_ options: OutputOptions) -> (codec: Codec, suffix: String) {
        switch options.compression {
        case .gzip: (.gzip(level: options.level ?? Codec.defaultGzipLevel), ".gz")
        case .zstd: (.zstd(level: options.level ?? Codec.defaultZstdLevel), ".zst")
        case .none: (.none, "")
        }
    }
}
