/// The byte forms that the encodings share. All numbers are little-endian.
extension [UInt8] {
    /// ULEB128: seven bits a byte, the lowest first.
    mutating func appendVariableLength(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    /// ULEB128 of 0, -1, 1, -2, … counted as 0, 1, 2, 3, …
    mutating func appendVariableLength(zigZag value: Int64) {
        appendVariableLength(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    /// The bytes of `value`, lowest first.
    mutating func appendLittleEndian<Value: FixedWidthInteger>(_ value: Value) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    /// Adds `count` bytes, all of which `write` fills through the pointer to the first.
    mutating func extend(by count: Int, _ write: (UnsafeMutableRawPointer) -> Void) {
        guard count > 0 else { return }
        let start = self.count
        append(contentsOf: repeatElement(0, count: count))
        withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            write(base + start)
        }
    }
}
