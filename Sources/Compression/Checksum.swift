import CDeflate

/// CRC-32 as gzip and Parquet have it (RFC 1952, section 8).
public func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    libdeflate_crc32(0, bytes.baseAddress, bytes.count)
}
