import ExportModel

/// Counts the records of CSV, line breaks inside quotes left out, and leaves the header out where
/// there is one.
///
/// Manifests do not say whether a file has a header or which delimiter it uses; the first record
/// tells: it is a header if it holds exactly the columns' names.
struct CSVRowCounter: RowCounter {
    private let columnNames: [String]
    private var count = 0
    private var isQuoted = false
    private var endsWithLine = true
    private var firstRecord: [UInt8] = []
    private let mostHeaderByteCount: Int

    init(columnNames: [String]) {
        self.columnNames = columnNames
        // Every quote of a name doubled, two around it, a delimiter behind it, and the line break.
        mostHeaderByteCount = columnNames.reduce(2) { $0 + 2 * $1.utf8.count + 3 }
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let last = bytes.last else { return }
        let missing = mostHeaderByteCount - firstRecord.count
        if missing > 0 { firstRecord.append(contentsOf: bytes.prefix(missing)) }
        // A doubled quote toggles twice, so that the parity tells whether a byte is quoted.
        var (count, isQuoted) = (count, isQuoted)
        for byte in bytes {
            isQuoted = isQuoted != (byte == UInt8(ascii: "\""))
            count += byte == UInt8(ascii: "\n") && !isQuoted ? 1 : 0
        }
        (self.count, self.isQuoted) = (count, isQuoted)
        endsWithLine = last == UInt8(ascii: "\n") && !isQuoted
    }

    func finish() -> Int? {
        guard endsWithLine else { return nil }
        return count - (hasHeader ? 1 : 0)
    }

    private var hasHeader: Bool {
        for newline in CSVOptions.Newline.allCases {
            // Any byte that stands there may be the delimiter.
            for delimiter in Set(firstRecord) {
                var header: [UInt8] = []
                let dialect = CSVDialect(CSVOptions(delimiter: delimiter, newline: newline))
                CSVEncoder.appendHeader(columnNames, dialect, to: &header)
                if firstRecord.starts(with: header) { return true }
            }
        }
        return false
    }
}
