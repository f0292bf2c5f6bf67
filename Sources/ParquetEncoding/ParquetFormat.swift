/// The format's enumerations, with the numbers of `parquet.thrift`.
enum PhysicalType: Int, Sendable {
    case boolean = 0
    case int32 = 1
    case int64 = 2
    case byteArray = 6
}

enum PageEncoding: Int, Comparable, Sendable {
    case plain = 0
    case runLength = 3
    case deltaBinaryPacked = 5
    case deltaLengthByteArray = 6
    case deltaByteArray = 7
    case dictionary = 8

    static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

enum PageType: Int, Sendable {
    case data = 0
    case dictionary = 2
    case dataV2 = 3
}

enum Repetition: Int, Sendable {
    case required = 0
    case optional = 1
    case repeated = 2
}

enum BoundaryOrder: Int, Sendable {
    case unordered = 0
    case ascending = 1
    case descending = 2
}

/// What the values of a leaf mean, and so how readers show and compare them.
enum LogicalType: Hashable, Sendable {
    case string
    case boolean
    /// A signed integer of 32 bits.
    case int32
    /// Milliseconds, adjusted to UTC.
    case timestamp
    /// Days since 1970-01-01.
    case date
    case decimal(precision: Int, scale: Int)

    var physicalType: PhysicalType {
        switch self {
        case .string: .byteArray
        case .boolean: .boolean
        case .int32, .date: .int32
        case .timestamp, .decimal: .int64
        }
    }
}
