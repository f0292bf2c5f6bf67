public import ExportModel

extension RecordBatch {
    /// Bytes of the rows' values in Parquet's PLAIN encoding, with one byte for a boolean: text and
    /// JSON take 4 and their UTF-8, integers and dates 4, decimals and timestamps 8, notes what their members
    /// take, and nulls nothing. Depends on the rows alone.
    public func plainByteCount(of rows: Range<Int>) -> Int {
        columns.reduce(0) { sum, values in
            switch values {
            case .text(let column), .json(let column): sum + column.plainByteCount(of: rows)
            case .int(let column), .date(let column): sum + 4 * column.validity.validCount(in: rows)
            case .decimal(let column), .timestamp(let column):
                sum + 8 * column.validity.validCount(in: rows)
            case .bool(let column): sum + column.validity.validCount(in: rows)
            case .notes(let column): sum + column.plainByteCount(of: rows)
            }
        }
    }
}

extension TextColumn {
    fileprivate func plainByteCount(of rows: Range<Int>) -> Int {
        4 * validity.validCount(in: rows) + offsets[rows.upperBound] - offsets[rows.lowerBound]
    }
}

extension NotesColumn {
    fileprivate func plainByteCount(of rows: Range<Int>) -> Int {
        let notes = offsets[rows.lowerBound]..<offsets[rows.upperBound]
        return message.plainByteCount(of: notes) + 8 * createdAt.validity.validCount(in: notes)
            + agent.plainByteCount(of: notes)
    }
}

extension Validity {
    /// Values among some rows.
    fileprivate func validCount(in rows: Range<Int>) -> Int {
        if nullCount == 0 { return rows.count }
        if nullCount == count || rows.isEmpty { return 0 }
        let (first, last) = (rows.lowerBound >> 6, (rows.upperBound - 1) >> 6)
        let head = UInt64.max << UInt64(rows.lowerBound & 63)
        let tail = UInt64.max >> UInt64(63 - (rows.upperBound - 1) & 63)
        if first == last { return (words[first] & head & tail).nonzeroBitCount }
        return (words[first] & head).nonzeroBitCount + (words[last] & tail).nonzeroBitCount
            + words[first + 1..<last].reduce(0) { $0 + $1.nonzeroBitCount }
    }
}
