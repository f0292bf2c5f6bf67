/// Packs integers at a fixed width, the lowest bit of the first value first.
///
/// Source: Parquet specification, Encodings, "Run Length Encoding / Bit-Packing Hybrid", note 1.
enum BitPacking {
    /// Bits that `value` needs; 0 for 0.
    static func width(of value: UInt64) -> Int {
        UInt64.bitWidth - value.leadingZeroBitCount
    }

    /// Appends `values` packed; the last byte is filled with 0 bits.
    ///
    /// - Parameter width: 0…64; no value needs more.
    static func append<Value: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeBufferPointer<Value>, width: Int, to output: inout [UInt8]
    ) {
        let byteCount = (values.count * width + 7) / 8
        output.extend(by: byteCount) { pointer in
            pack(values, width: width, into: pointer)
        }
    }

    @inline(__always)
    private static func pack<Value: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeBufferPointer<Value>, width: Int, into pointer: UnsafeMutableRawPointer
    ) {
        var pending: UInt64 = 0
        var pendingBits = 0
        var offset = 0
        for value in values {
            let bits = UInt64(truncatingIfNeeded: value)
            pending |= bits &<< UInt64(pendingBits)
            pendingBits &+= width
            guard pendingBits >= 64 else { continue }
            pointer.storeBytes(of: pending.littleEndian, toByteOffset: offset, as: UInt64.self)
            offset &+= 8
            pendingBits &-= 64
            pending = pendingBits == 0 ? 0 : bits &>> UInt64(width &- pendingBits)
        }
        while pendingBits > 0 {
            pointer.storeBytes(
                of: UInt8(truncatingIfNeeded: pending), toByteOffset: offset, as: UInt8.self)
            pending >>= 8
            offset &+= 1
            pendingBits &-= 8
        }
    }
}
