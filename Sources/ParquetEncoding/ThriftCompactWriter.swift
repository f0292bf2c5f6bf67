/// Writes Thrift structs as Parquet stores its metadata.
///
/// Source: Apache Thrift, "Thrift Compact protocol encoding".
struct ThriftCompactWriter {
    private(set) var bytes: [UInt8] = []
    /// Id of the field written last in the struct that is open.
    private var lastFieldID = 0

    /// Type codes of struct fields and list elements.
    enum Kind: UInt8 {
        /// As a list element this stands for both booleans.
        case boolTrue = 1
        case boolFalse = 2
        case int8 = 3
        case int16 = 4
        case int32 = 5
        case int64 = 6
        case binary = 8
        case list = 9
        case structure = 12
    }

    mutating func writeBool(_ value: Bool, field: Int) {
        writeHeader(of: field, value ? .boolTrue : .boolFalse)
    }

    mutating func writeInt8(_ value: Int8, field: Int) {
        writeHeader(of: field, .int8)
        bytes.append(UInt8(bitPattern: value))
    }

    mutating func writeInt16(_ value: Int, field: Int) {
        writeHeader(of: field, .int16)
        bytes.appendVariableLength(zigZag: Int64(value))
    }

    mutating func writeInt32(_ value: Int, field: Int) {
        writeHeader(of: field, .int32)
        bytes.appendVariableLength(zigZag: Int64(value))
    }

    mutating func writeInt64(_ value: Int, field: Int) {
        writeHeader(of: field, .int64)
        bytes.appendVariableLength(zigZag: Int64(value))
    }

    mutating func writeBinary(_ value: some Collection<UInt8>, field: Int) {
        writeHeader(of: field, .binary)
        appendBinary(value)
    }

    /// Writes a struct-valued field; `body` writes its fields in ascending order.
    mutating func writeStructure(field: Int, _ body: (inout Self) -> Void) {
        writeHeader(of: field, .structure)
        appendStructure(body)
    }

    /// Writes a list field of `elements`; `append` writes one with an `append…` method.
    mutating func writeList<Element>(
        _ elements: some Collection<Element>, of kind: Kind, field: Int,
        _ append: (inout Self, Element) -> Void
    ) {
        writeHeader(of: field, .list)
        if elements.count < 15 {
            bytes.append(UInt8(elements.count) << 4 | kind.rawValue)
        } else {
            bytes.append(0xF0 | kind.rawValue)
            bytes.appendVariableLength(UInt64(elements.count))
        }
        for element in elements { append(&self, element) }
    }

    mutating func appendBool(_ value: Bool) {
        bytes.append(value ? Kind.boolTrue.rawValue : Kind.boolFalse.rawValue)
    }

    /// An element of a list of any integer kind but int8.
    mutating func appendInteger(_ value: Int) {
        bytes.appendVariableLength(zigZag: Int64(value))
    }

    mutating func appendBinary(_ value: some Collection<UInt8>) {
        bytes.appendVariableLength(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// A struct by itself or in a list: the fields `body` writes, then the stop byte.
    mutating func appendStructure(_ body: (inout Self) -> Void) {
        let outerFieldID = lastFieldID
        lastFieldID = 0
        body(&self)
        bytes.append(0)
        lastFieldID = outerFieldID
    }

    /// - Precondition: fields come in ascending order.
    private mutating func writeHeader(of field: Int, _ kind: Kind) {
        let step = field - lastFieldID
        precondition(step > 0, "Thrift fields are written in ascending order")
        if step <= 15 {
            bytes.append(UInt8(step) << 4 | kind.rawValue)
        } else {
            bytes.append(kind.rawValue)
            bytes.appendVariableLength(zigZag: Int64(field))
        }
        lastFieldID = field
    }
}
