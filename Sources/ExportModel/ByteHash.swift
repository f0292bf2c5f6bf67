/// MurmurHash64A (Austin Appleby, public domain): 64 bits that depend on every byte, the same on
/// every machine and in every run.
public enum ByteHash {
    @inlinable
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let multiplier: UInt64 = 0xc6a4_a793_5bd1_e995
        var hash = 0x9e37_79b9_7f4a_7c15 ^ (UInt64(bytes.count) &* multiplier)
        var offset = 0
        while offset + 8 <= bytes.count {
            var word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
            word = word &* multiplier
            word ^= word >> 47
            hash = (hash ^ word &* multiplier) &* multiplier
            offset += 8
        }
        if offset < bytes.count {
            var rest: UInt64 = 0
            for index in offset..<bytes.count {
                rest |= UInt64(bytes[index]) << UInt64(8 * (index - offset))
            }
            hash = (hash ^ rest) &* multiplier
        }
        hash ^= hash >> 47
        hash = hash &* multiplier
        return hash ^ hash >> 47
    }
}
