import CDigest

/// The Castagnoli checksum (RFC 3720, appendix B.4).
struct CRC32C {
    /// The checksum of all bytes so far.
    private(set) var value: UInt32 = 0

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        value = cdigest_crc32c(value, bytes.baseAddress, bytes.count)
    }

    mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }
}
