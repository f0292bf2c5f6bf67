/// CRC-32 as gzip has it (polynomial 0x04C11DB7, reflected), eight bytes at a time.
///
/// Source: Parquet specification, "Checksumming"; RFC 1952, section 8.
enum PageChecksum {
    /// Row `k` holds what a byte contributes when `k` more bytes follow it.
    private static let table: [UInt32] = {
        var table = [UInt32](repeating: 0, count: 8 * 256)
        for byte in 0..<256 {
            var value = UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
            table[byte] = value
        }
        for index in 256..<8 * 256 {
            let before = table[index - 256]
            table[index] = before >> 8 ^ table[Int(before & 0xFF)]
        }
        return table
    }()

    static func crc32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        table.withUnsafeBufferPointer { table in
            var checksum = UInt32.max
            var offset = 0
            while offset &+ 8 <= bytes.count {
                let word =
                    UInt64(
                        littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
                    ^ UInt64(checksum)
                var next: UInt32 = 0
                for byte in 0..<8 {
                    next ^= table[(7 &- byte) &* 256 &+ Int(word &>> UInt64(8 &* byte) & 0xFF)]
                }
                checksum = next
                offset &+= 8
            }
            while offset < bytes.count {
                checksum = checksum &>> 8 ^ table[Int((checksum ^ UInt32(bytes[offset])) & 0xFF)]
                offset &+= 1
            }
            return ~checksum
        }
    }
}
