/// Numbers in 7-bit groups (LEB128), lowest first; texts as a byte count and UTF-8.
struct ArchiveEncoder {
    private(set) var bytes: [UInt8] = []

    init() {}

    /// - Precondition: not negative.
    mutating func append(_ count: Int) {
        append(bits: UInt64(count))
    }

    /// Zigzag, so that small negative numbers are short too.
    mutating func append(signed value: Int64) {
        append(bits: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    mutating func append(_ flag: Bool) {
        bytes.append(flag ? 1 : 0)
    }

    mutating func append(_ text: String) {
        append(text.utf8.count)
        bytes.append(contentsOf: text.utf8)
    }

    mutating func append(_ text: String?) {
        append(text != nil)
        if let text { append(text) }
    }

    private mutating func append(bits: UInt64) {
        var rest = bits
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}

/// Reads what ``ArchiveEncoder`` wrote; nil where the bytes end too early or mean nothing.
struct ArchiveDecoder {
    private let bytes: ArraySlice<UInt8>
    private(set) var offset: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        offset = bytes.startIndex
    }

    var isAtEnd: Bool { offset == bytes.endIndex }

    mutating func count() -> Int? {
        bits().flatMap { Int(exactly: $0) }
    }

    mutating func signed() -> Int64? {
        bits().map { Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1) }
    }

    mutating func flag() -> Bool? {
        guard offset < bytes.endIndex, bytes[offset] < 2 else { return nil }
        defer { offset += 1 }
        return bytes[offset] == 1
    }

    mutating func text() -> String? {
        guard let count = count(), let bytes = take(count) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    mutating func optionalText() -> String?? {
        guard let isThere = flag() else { return nil }
        guard isThere else { return .some(nil) }
        guard let text = text() else { return nil }
        return text
    }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard bytes.endIndex - offset >= count else { return nil }
        defer { offset += count }
        return bytes[offset..<offset + count]
    }

    private mutating func bits() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while offset < bytes.endIndex, shift < 64 {
            let byte = UInt64(bytes[offset])
            offset += 1
            let group = byte & 0x7F
            guard (group << shift) >> shift == group else { return nil }
            value |= group << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
