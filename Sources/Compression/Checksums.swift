import CDeflate
import CDigest

/// The Castagnoli checksum (RFC 3720, appendix B.4).
public struct CRC32C: Sendable {
    /// The checksum of all bytes so far.
    public private(set) var value: UInt32 = 0

    public init() {}

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        value = cdigest_crc32c(value, bytes.baseAddress, bytes.count)
    }

    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The checksum of one array.
    public static func of(_ bytes: [UInt8]) -> UInt32 {
        var checksum = Self()
        checksum.update(bytes)
        return checksum.value
    }
}

/// CRC-32 as gzip and Parquet have it (RFC 1952, section 8).
public func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    libdeflate_crc32(0, bytes.baseAddress, bytes.count)
}
