/// Cells of some rows as text, column after column, to be put together row by row.
///
/// Column by column, a value's type is looked at once for all rows; row by row, only bytes move.
/// Cells carry what stands before them (a delimiter, a JSON name), so that a row is its cells one
/// behind the other and the terminator. The buffers are reused from block to block.
struct CellBlock {
    /// Most rows of a block, so that it stays in the processor's cache.
    static let mostRowCount = 1_024

    private let terminator: [UInt8]
    private var rowCount = 0
    private var bytes: [UInt8] = []
    /// Ends of the cells in `bytes`, column-major, behind a leading 0.
    private var ends: [Int] = [0]

    init(terminator: [UInt8]) {
        self.terminator = terminator
    }

    /// Empties the block for `rowCount` rows.
    mutating func reset(rowCount: Int) {
        self.rowCount = rowCount
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        ends.append(0)
    }

    /// Appends one cell a row, the next column.
    ///
    /// - Parameter write: appends the cell of a row to the bytes.
    @inline(__always)
    mutating func appendColumn(
        _ rows: Range<Int>, _ write: (_ row: Int, _ output: inout [UInt8]) -> Void
    ) {
        for row in rows {
            write(row, &bytes)
            ends.append(bytes.count)
        }
    }

    /// Appends rows to `output` until `limit` bytes are reached; the row that reaches it is
    /// appended too, and the first in any case.
    ///
    /// - Precondition: all columns were appended.
    /// - Returns: rows appended, and their bytes.
    func appendRows(
        limit: Int, columnCount: Int, to output: inout [UInt8]
    ) -> (rowCount: Int, byteCount: Int) {
        precondition(ends.count == columnCount * rowCount + 1, "every column has every row")
        let start = output.count
        output.append(
            contentsOf: repeatElement(0, count: bytes.count + rowCount * terminator.count))
        var (row, written) = (0, 0)
        output.withUnsafeMutableBytes { room in
            while row < rowCount, row == 0 || written < limit {
                for column in 0..<columnCount {
                    let cell = column * rowCount + row
                    let (from, to) = (ends[cell], ends[cell + 1])
                    copy(bytes, from..<to, to: room, at: start + written)
                    written += to - from
                }
                copy(terminator, terminator.indices, to: room, at: start + written)
                written += terminator.count
                row += 1
            }
        }
        output.removeLast(output.count - start - written)
        return (row, written)
    }

    @inline(__always)
    private func copy(
        _ source: [UInt8], _ range: Range<Int>, to room: UnsafeMutableRawBufferPointer,
        at offset: Int
    ) {
        source.withUnsafeBytes { bytes in
            UnsafeMutableRawBufferPointer(rebasing: room[offset...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }
}
