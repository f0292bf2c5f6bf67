import ExportModel

/// The values of a leaf that are there, in order; which of the three is used, its type says.
struct LeafValues: Sendable {
    var texts = TextValues()
    /// Integers of both widths.
    var numbers: [Int64] = []
    /// 0 or 1
    var booleans: [UInt8] = []

    mutating func append(_ column: TextColumn, rows: Range<Int>) {
        let start = column.offsets[rows.lowerBound]
        let shift = texts.bytes.count - start
        texts.bytes.append(contentsOf: column.bytes[start..<column.offsets[rows.upperBound]])
        // Nulls have no bytes, so that only their offsets are left out.
        let hasNulls = column.validity.nullCount > 0
        if hasNulls, column.validity.nullCount == column.count { return }
        texts.offsets.reserveGrowing(by: rows.count)
        column.offsets.withUnsafeBufferPointer { offsets in
            column.validity.words.withUnsafeBufferPointer { words in
                for row in rows
                where !hasNulls || words[row &>> 6] &>> UInt64(row & 63) & 1 == 1 {
                    texts.offsets.append(offsets[row &+ 1] &+ shift)
                }
            }
        }
    }

    mutating func append(_ column: NumberColumn, rows: Range<Int>) {
        guard column.validity.nullCount > 0 else {
            numbers.append(contentsOf: column.values[rows])
            return
        }
        if column.validity.nullCount == column.count { return }
        numbers.reserveGrowing(by: rows.count)
        column.values.withUnsafeBufferPointer { values in
            column.validity.words.withUnsafeBufferPointer { words in
                for row in rows where words[row &>> 6] &>> UInt64(row & 63) & 1 == 1 {
                    numbers.append(values[row])
                }
            }
        }
    }
}

extension LeafValues {
    /// Values of the type's kind.
    func count(of type: LogicalType) -> Int {
        switch type.physicalType {
        case .boolean: booleans.count
        case .int32, .int64: numbers.count
        case .byteArray: texts.count
        }
    }

    /// Appends one of other values.
    mutating func append(_ index: Int, of other: LeafValues, _ type: LogicalType) {
        switch type.physicalType {
        case .boolean: booleans.append(other.booleans[index])
        case .int32, .int64: numbers.append(other.numbers[index])
        case .byteArray:
            let (start, end) = (other.texts.offsets[index], other.texts.offsets[index + 1])
            texts.append(other.texts.bytes[start..<end])
        }
    }

    /// Forgets the values and keeps their room.
    mutating func removeAll() {
        texts.removeAll()
        numbers.removeAll(keepingCapacity: true)
        booleans.removeAll(keepingCapacity: true)
    }
}

extension Array {
    /// Makes room for `count` more without giving up growth in large steps.
    mutating func reserveGrowing(by count: Int) {
        guard self.count + count > capacity else { return }
        reserveCapacity(Swift.max(self.count + count, capacity * 2))
    }
}
