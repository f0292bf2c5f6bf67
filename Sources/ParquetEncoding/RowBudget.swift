import ExportModel

/// Rows and their plain bytes, counted against limits that decide where rows are cut.
///
/// Cuts depend on the rows alone, never on where a batch ended.
struct RowBudget: Sendable {
    private let rowLimit: Int
    private let byteLimit: Int
    private(set) var rowCount = 0
    private var byteCount = 0

    init(rowLimit: Int, byteLimit: Int) {
        self.rowLimit = rowLimit
        self.byteLimit = byteLimit
    }

    /// The end of the longest beginning of `range` that there is room for; where nothing was taken
    /// yet, there is room for one row, however long.
    func end(of range: Range<Int>, in batch: RecordBatch) -> Int {
        let start = range.lowerBound
        var fitting = rowCount == 0 ? 1 : 0
        var tooMany = min(range.count, rowLimit - rowCount) + 1
        // Nearly always.
        let all = batch.plainByteCount(of: start..<start + tooMany - 1)
        if byteCount + all <= byteLimit { return start + tooMany - 1 }
        while fitting + 1 < tooMany {
            let middle = fitting + (tooMany - fitting) / 2
            let size = byteCount + batch.plainByteCount(of: start..<start + middle)
            if size <= byteLimit { fitting = middle } else { tooMany = middle }
        }
        return start + fitting
    }

    /// Takes rows that there is room for.
    mutating func take(_ range: Range<Int>, of batch: RecordBatch) {
        rowCount += range.count
        byteCount += batch.plainByteCount(of: range)
    }

    /// Begins anew.
    mutating func reset() {
        (rowCount, byteCount) = (0, 0)
    }
}
