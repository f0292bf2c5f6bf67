/// Integers little-endian, texts as a 32-bit byte count and UTF-8.
struct JournalEncoder {
    private(set) var bytes: [UInt8] = []

    init() {}

    mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func append(_ text: String) {
        append(UInt32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }
}

/// Reads what ``JournalEncoder`` wrote; nil where the bytes end too early.
struct JournalDecoder {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) -> Value? {
        let count = MemoryLayout<Value>.size
        guard bytes.count - offset >= count else { return nil }
        defer { offset += count }
        return bytes.withUnsafeBytes {
            Value(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Value.self))
        }
    }

    mutating func count() -> Int? {
        guard let value = integer(Int64.self), value >= 0 else { return nil }
        return Int(value)
    }

    mutating func text() -> String? {
        guard let count = integer(UInt32.self), bytes.count - offset >= Int(count) else {
            return nil
        }
        defer { offset += Int(count) }
        return String(validating: bytes[offset..<offset + Int(count)], as: UTF8.self)
    }
}
