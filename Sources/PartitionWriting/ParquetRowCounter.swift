/// Reads the number of rows back from a Parquet file's footer (`FileMetaData.num_rows`, which must
/// be the sum of its row groups' rows).
///
/// The footer stands last, so only the file's beginning and its last bytes are kept.
struct ParquetRowCounter: RowCounter {
    private static let magic = Array("PAR1".utf8)
    /// A longer footer is not read; 8 MiB are the footer of about a thousand row groups.
    static let mostFooterByteCount = 8 << 20

    private var beginning: [UInt8] = []
    private var end: [UInt8] = []
    private var byteCount = 0

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        byteCount += bytes.count
        let missing = Self.magic.count - beginning.count
        if missing > 0 { beginning.append(contentsOf: bytes.prefix(missing)) }
        let most = Self.mostFooterByteCount + 8
        end.append(contentsOf: bytes.suffix(most))
        // Cut seldom, so that each byte moves about once.
        if end.count > 2 * most { end.removeFirst(end.count - most) }
    }

    /// nil where the bytes do not begin and end as Parquet does, or the footer contradicts itself.
    func finish() -> Int? {
        guard byteCount >= 12, beginning == Self.magic, end.suffix(4) == Self.magic[...] else {
            return nil
        }
        let length = end.suffix(8).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= byteCount - 12, length <= end.count - 8 else { return nil }
        let start = end.count - 8 - length
        return end.withUnsafeBytes { bytes in
            let footer = UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])
            return Self.rowCount(ofFooter: footer)
        }
    }

    private static func rowCount(ofFooter footer: UnsafeRawBufferPointer) -> Int? {
        var reader = ParquetThriftReader(footer)
        var rowCount: Int64?
        var sum: Int64 = 0
        let isWhole = reader.readStructure { reader, field, kind in
            switch (field, kind) {
            case (3, .integer):
                rowCount = reader.readInteger()
                return rowCount != nil
            case (4, .list):
                return reader.readList { reader, kind in
                    guard kind == .structure, let rows = reader.readRowGroupRowCount() else {
                        return false
                    }
                    sum &+= rows
                    return true
                }
            default:
                return reader.skip(kind)
            }
        }
        guard isWhole, reader.isAtEnd, let rowCount, rowCount == sum else { return nil }
        return Int(exactly: rowCount)
    }
}

extension ParquetThriftReader {
    /// Field 3 of a `RowGroup`.
    fileprivate mutating func readRowGroupRowCount() -> Int64? {
        var rowCount: Int64?
        let isWhole = readStructure { reader, field, kind in
            guard field == 3, kind == .integer else { return reader.skip(kind) }
            rowCount = reader.readInteger()
            return rowCount != nil
        }
        return isWhole ? rowCount : nil
    }
}
