/// What a chunk or a page says of its values.
struct ColumnStatistics: Hashable, Sendable {
    /// A value in plain encoding, texts without their length.
    struct Bound: Hashable, Sendable {
        var bytes: [UInt8]
        /// false for a text that was shortened.
        var isExact: Bool
    }

    var nullCount: Int
    /// nil where every value is null.
    var least: Bound?
    var greatest: Bound?

    /// Bytes of a text bound, at most.
    static let longestText = 64

    /// Writes the struct `Statistics`.
    func write(to writer: inout ThriftCompactWriter, field: Int) {
        writer.writeStructure(field: field) { writer in
            writer.writeInt64(nullCount, field: 3)
            if let greatest { writer.writeBinary(greatest.bytes, field: 5) }
            if let least { writer.writeBinary(least.bytes, field: 6) }
            if let greatest { writer.writeBool(greatest.isExact, field: 7) }
            if let least { writer.writeBool(least.isExact, field: 8) }
        }
    }

    /// At most ``longestText`` bytes of `text`, cut before a whole character.
    static func lowerBound(of text: some Collection<UInt8>) -> Bound {
        let bytes = Array(text)
        guard bytes.count > longestText else { return Bound(bytes: bytes, isExact: true) }
        return Bound(bytes: cut(bytes), isExact: false)
    }

    /// A short text that none of those that begin like `text` comes after: cut like the lower
    /// bound, with the last character that has a successor replaced by it. The text itself if no
    /// character has one.
    static func upperBound(of text: some Collection<UInt8>) -> Bound {
        let bytes = Array(text)
        guard bytes.count > longestText else { return Bound(bytes: bytes, isExact: true) }
        let start = String(decoding: cut(bytes), as: UTF8.self)
        // What is no UTF-8 is not cut: repaired text would order differently.
        guard start.utf8.elementsEqual(cut(bytes)) else {
            return Bound(bytes: bytes, isExact: true)
        }
        var scalars = Array(start.unicodeScalars)
        while let last = scalars.popLast() {
            guard let next = successor(of: last) else { continue }
            scalars.append(next)
            var bound = String.UnicodeScalarView()
            bound.append(contentsOf: scalars)
            return Bound(bytes: Array(String(bound).utf8), isExact: false)
        }
        return Bound(bytes: bytes, isExact: true)
    }

    private static func cut(_ bytes: [UInt8]) -> [UInt8] {
        var end = longestText
        while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return Array(bytes[..<end])
    }

    /// The next scalar; UTF-8 orders as scalars do.
    private static func successor(of scalar: Unicode.Scalar) -> Unicode.Scalar? {
        scalar.value == 0xD7FF ? Unicode.Scalar(0xE000) : Unicode.Scalar(scalar.value + 1)
    }
}

extension ValueBounds {
    /// - Parameter bounds: indices of the least and greatest value; nil if there is none.
    func statistics(
        nullCount: Int, bounds: (least: Int, greatest: Int)?
    ) -> ColumnStatistics {
        guard let bounds else { return ColumnStatistics(nullCount: nullCount) }
        if type.physicalType == .byteArray {
            return values.texts.withView { texts in
                ColumnStatistics(
                    nullCount: nullCount,
                    least: ColumnStatistics.lowerBound(of: texts[bounds.least]),
                    greatest: ColumnStatistics.upperBound(of: texts[bounds.greatest]))
            }
        }
        return ColumnStatistics(
            nullCount: nullCount,
            least: ColumnStatistics.Bound(bytes: plain(bounds.least), isExact: true),
            greatest: ColumnStatistics.Bound(bytes: plain(bounds.greatest), isExact: true))
    }

    private func plain(_ index: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        switch type.physicalType {
        case .boolean: bytes.append(values.booleans[index])
        case .int32: bytes.appendLittleEndian(Int32(truncatingIfNeeded: values.numbers[index]))
        case .int64: bytes.appendLittleEndian(values.numbers[index])
        case .byteArray: break
        }
        return bytes
    }
}
