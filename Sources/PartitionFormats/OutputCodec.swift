import Compression
import ExportModel

extension OutputOptions {
    /// The codec of files, around those that do not compress themselves.
    var codec: Codec {
        switch compression {
        case .gzip: .gzip(level: level ?? Codec.defaultGzipLevel)
        case .zstd: .zstd(level: level ?? Codec.defaultZstdLevel)
        case .none: .none
        }
    }

    /// What the codec adds to a file's name.
    var codecSuffix: String {
        switch compression {
        case .gzip: ".gz"
        case .zstd: ".zst"
        case .none: ""
        }
    }
}
