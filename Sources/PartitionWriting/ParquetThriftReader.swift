/// Reads structs in Thrift's compact protocol, of bytes that may be anything: never reads beyond
/// them, nests no deeper than Parquet does.
///
/// Source: Apache Thrift, "Thrift Compact protocol encoding".
struct ParquetThriftReader {
    /// What a field holds, as far as it matters here.
    enum Kind {
        case bool, byte, integer, double, binary, list, map, structure, uuid
    }

    private static let mostDepth = 32

    private let bytes: UnsafeRawBufferPointer
    private var index = 0
    private var depth = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { index == bytes.count }

    /// Reads a struct up to its stop byte.
    ///
    /// - Parameter field: called with the id and kind of each field; reads or skips its value and
    ///   tells whether it could.
    /// - Returns: false where the bytes are no struct.
    mutating func readStructure(
        _ field: (inout Self, _ id: Int, _ kind: Kind) -> Bool
    ) -> Bool {
        guard depth < Self.mostDepth else { return false }
        depth += 1
        defer { depth -= 1 }
        var id = 0
        while let header = readByte() {
            if header == 0 { return true }
            if header >> 4 != 0 {
                id += Int(header >> 4)
            } else {
                guard let long = readInteger(), let short = Int16(exactly: long) else {
                    return false
                }
                id = Int(short)
            }
            // A struct's booleans lie in the header itself.
            if header & 15 == 1 || header & 15 == 2 { continue }
            guard let kind = Self.kind(header & 15), field(&self, id, kind) else { return false }
        }
        return false
    }

    /// Reads a list; `element` reads or skips one element and tells whether it could.
    mutating func readList(_ element: (inout Self, Kind) -> Bool) -> Bool {
        guard depth < Self.mostDepth else { return false }
        depth += 1
        defer { depth -= 1 }
        guard let header = readByte(), let kind = Self.kind(header & 15) else { return false }
        var count = UInt64(header >> 4)
        if count == 15 {
            guard let long = readVariableLength() else { return false }
            count = long
        }
        // An element has at least a byte.
        guard count <= UInt64(bytes.count - index) else { return false }
        for _ in 0..<count {
            guard element(&self, kind) else { return false }
        }
        return true
    }

    /// Any integer but a byte.
    mutating func readInteger() -> Int64? {
        readVariableLength().map { Int64(bitPattern: $0 >> 1 ^ (0 &- ($0 & 1))) }
    }

    /// Passes over a value.
    mutating func skip(_ kind: Kind) -> Bool {
        switch kind {
        case .bool, .byte: return advance(by: 1)
        case .integer: return readVariableLength() != nil
        case .double: return advance(by: 8)
        case .uuid: return advance(by: 16)
        case .binary: return readVariableLength().map { advance(by: $0) } ?? false
        case .list: return readList { $0.skip($1) }
        case .structure: return readStructure { reader, _, kind in reader.skip(kind) }
        // Parquet's metadata has none.
        case .map: return false
        }
    }

    private mutating func advance(by count: UInt64) -> Bool {
        guard count <= UInt64(bytes.count - index) else { return false }
        index += Int(count)
        return true
    }

    private mutating func readByte() -> UInt8? {
        guard index < bytes.count else { return nil }
        index += 1
        return bytes[index - 1]
    }

    private mutating func readVariableLength() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64, let byte = readByte() {
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }

    private static func kind(_ code: UInt8) -> Kind? {
        switch code {
        case 1, 2: .bool
        case 3: .byte
        case 4, 5, 6: .integer
        case 7: .double
        case 8: .binary
        case 9, 10: .list
        case 11: .map
        case 12: .structure
        case 13: .uuid
        default: nil
        }
    }
}
