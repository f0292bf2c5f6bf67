/// XXH64 with seed 0, the hash of bloom filters; dictionaries use it too.
///
/// Source: xxHash specification 0.1.1, "XXH64 Algorithm Description".
enum XXHash64 {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    @inline(__always)
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        guard let base = bytes.baseAddress else { return finish(prime5) }
        var offset = 0
        var hash: UInt64
        if bytes.count >= 32 {
            hash = hashStripes(base, count: bytes.count, offset: &offset)
        } else {
            hash = prime5
        }
        hash &+= UInt64(bytes.count)
        while offset &+ 8 <= bytes.count {
            hash ^= round(0, word(base, offset))
            hash = rotated(hash, 27) &* prime1 &+ prime4
            offset &+= 8
        }
        if offset &+ 4 <= bytes.count {
            let half = UInt32(littleEndian: (base + offset).loadUnaligned(as: UInt32.self))
            hash ^= UInt64(half) &* prime1
            hash = rotated(hash, 23) &* prime2 &+ prime3
            offset &+= 4
        }
        while offset < bytes.count {
            let byte = base.load(fromByteOffset: offset, as: UInt8.self)
            hash ^= UInt64(byte) &* prime5
            hash = rotated(hash, 11) &* prime1
            offset &+= 1
        }
        return finish(hash)
    }

    /// The hash of `value`'s bytes, lowest first.
    @inline(__always)
    static func hash<Value: FixedWidthInteger>(_ value: Value) -> UInt64 {
        withUnsafeBytes(of: value.littleEndian) { hash($0) }
    }

    /// Four lanes over all whole stripes of 32 bytes.
    private static func hashStripes(
        _ base: UnsafeRawPointer, count: Int, offset: inout Int
    ) -> UInt64 {
        var lane1 = prime1 &+ prime2
        var lane2 = prime2
        var lane3: UInt64 = 0
        var lane4 = 0 &- prime1
        while offset &+ 32 <= count {
            lane1 = round(lane1, word(base, offset))
            lane2 = round(lane2, word(base, offset &+ 8))
            lane3 = round(lane3, word(base, offset &+ 16))
            lane4 = round(lane4, word(base, offset &+ 24))
            offset &+= 32
        }
        var hash =
            rotated(lane1, 1) &+ rotated(lane2, 7) &+ rotated(lane3, 12) &+ rotated(lane4, 18)
        hash = merged(hash, lane1)
        hash = merged(hash, lane2)
        hash = merged(hash, lane3)
        return merged(hash, lane4)
    }

    @inline(__always)
    private static func word(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: (base + offset).loadUnaligned(as: UInt64.self))
    }

    @inline(__always)
    private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 {
        value &<< bits | value &>> (64 &- bits)
    }

    @inline(__always)
    private static func round(_ lane: UInt64, _ word: UInt64) -> UInt64 {
        rotated(lane &+ word &* prime2, 31) &* prime1
    }

    @inline(__always)
    private static func merged(_ hash: UInt64, _ lane: UInt64) -> UInt64 {
        (hash ^ round(0, lane)) &* prime1 &+ prime4
    }

    @inline(__always)
    private static func finish(_ value: UInt64) -> UInt64 {
        var hash = value
        hash = (hash ^ hash &>> 33) &* prime2
        hash = (hash ^ hash &>> 29) &* prime3
        return hash ^ hash &>> 32
    }
}
