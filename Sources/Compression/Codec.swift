import CZstd

/// How bytes are compressed.
public enum Codec: Hashable, Sendable {
    /// One gzip member (RFC 1952) without time, name or system. Levels 1…9.
    case gzip(level: Int = Codec.defaultGzipLevel)
    /// One Zstandard frame (RFC 8878) with its content checksum. Levels 1…``maximumZstdLevel``.
    case zstd(level: Int = Codec.defaultZstdLevel)
    /// The bytes as they are.
    case none

    public static let defaultGzipLevel = 6
    public static let defaultZstdLevel = 1
    /// The library's highest level.
    public static var maximumZstdLevel: Int { Int(ZSTD_maxCLevel()) }

    /// Throws ``CompressionError/Code/levelOutOfRange`` where the codec has no such level.
    func checkLevel() throws(CompressionError) {
        let (level, allowed) =
            switch self {
            case .gzip(let level): (level, 1...9)
            case .zstd(let level): (level, 1...Self.maximumZstdLevel)
            case .none: (0, 0...0)
            }
        guard allowed.contains(level) else {
            throw CompressionError(
                .levelOutOfRange,
                "compression level \(level) of \(self): choose one of "
                    + "\(allowed.lowerBound) to \(allowed.upperBound)")
        }
    }
}
