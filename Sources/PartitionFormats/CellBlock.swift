/// Cells of some rows as text, column after column, to be put together row by row.
///
/// Column by column, a value's type is looked at once for all rows; row by row, only bytes move.
/// Cells carry what stands before them (a delimiter, a JSON name), so that a row is its cells one
/// after the other and the terminator. The buffers are reused from block to block. For one thread.
final class CellBlock {
    /// Rows of a block at most, so that it stays in the processor's cache.
    static let maximumRowCount = 1_024
    /// Cells move in steps of so many bytes: what a step copies too much, the next cell overwrites.
    private static let stepByteCount = 16

    private var rowCount = 0
    private var columnCount = 0
    private var byteCount = 0
    /// The cells, then unused room of a step or more.
    private var bytes: [UInt8] = []
    /// Where each cell ends in `bytes`, column-major, after a leading 0.
    private var ends: [Int] = [0]

    /// Empties the block for `rowCount` rows.
    func reset(rowCount: Int) {
        self.rowCount = rowCount
        columnCount = 0
        byteCount = 0
        ends.removeAll(keepingCapacity: true)
        ends.append(0)
    }

    /// Appends the next column: for each row `prefix` and then what `write` puts at its place.
    ///
    /// - Parameters:
    ///   - maximumByteCount: what `write` puts for all rows together at most.
    ///   - write: returns the bytes it put.
    @inline(__always)
    func appendColumn(
        _ rows: Range<Int>, prefix: [UInt8], maximumByteCount: Int,
        _ write: (_ row: Int, _ place: UnsafeMutablePointer<UInt8>) -> Int
    ) {
        precondition(rows.count == rowCount, "every column has every row")
        let limit = byteCount + rowCount * prefix.count + maximumByteCount
        grow(&bytes, to: limit + Self.stepByteCount)
        let firstEnd = ends.count
        ends.append(contentsOf: repeatElement(0, count: rowCount))
        var end = byteCount
        bytes.withUnsafeMutableBufferPointer { bytes in
            ends.withUnsafeMutableBufferPointer { ends in
                guard let start = bytes.baseAddress else { return }
                for row in rows {
                    for byte in prefix {
                        start[end] = byte
                        end += 1
                    }
                    end += write(row, start + end)
                    ends[firstEnd + row - rows.lowerBound] = end
                }
            }
        }
        precondition(end <= limit, "a column wrote more than it said")
        byteCount = end
        columnCount += 1
    }

    /// The same for cells whose length shows only when they are written.
    @inline(__always)
    func appendColumn(
        _ rows: Range<Int>, prefix: [UInt8], _ write: (_ row: Int, _ output: inout [UInt8]) -> Void
    ) {
        var cells: [UInt8] = []
        var cellEnds: [Int] = []
        for row in rows {
            write(row, &cells)
            cellEnds.append(cells.count)
        }
        cells.withUnsafeBufferPointer { cells in
            var start = 0
            appendColumn(rows, prefix: prefix, maximumByteCount: cells.count) { row, place in
                let cell = cells[start..<cellEnds[row - rows.lowerBound]]
                start = cell.endIndex
                return place.write(UnsafeBufferPointer(rebasing: cell))
            }
        }
    }

    /// Appends rows to `output`, each with `terminator`, until `limit` bytes are reached; the row
    /// that reaches it is appended too, and the first in any case.
    ///
    /// - Returns: rows appended, and their bytes.
    func appendRows(
        limit: Int, terminator: [UInt8], to output: inout [UInt8]
    ) -> (rowCount: Int, byteCount: Int) {
        let start = output.count
        let room = byteCount + rowCount * terminator.count + Self.stepByteCount
        output.append(contentsOf: repeatElement(0, count: room))
        var (row, written) = (0, 0)
        output.withUnsafeMutableBytes { output in
            bytes.withUnsafeBytes { bytes in
                ends.withUnsafeBufferPointer { ends in
                    while row < rowCount, row == 0 || written < limit {
                        for column in 0..<columnCount {
                            let cell = column * rowCount + row
                            let (from, to) = (ends[cell], ends[cell + 1])
                            Self.move(bytes, from..<to, to: output, at: start + written)
                            written += to - from
                        }
                        for byte in terminator {
                            output[start + written] = byte
                            written += 1
                        }
                        row += 1
                    }
                }
            }
        }
        output.removeLast(room - written)
        return (row, written)
    }

    /// Copies a cell and up to a step of what comes after it.
    @inline(__always)
    private static func move(
        _ source: UnsafeRawBufferPointer, _ range: Range<Int>,
        to target: UnsafeMutableRawBufferPointer, at place: Int
    ) {
        var moved = 0
        while moved < range.count {
            let step = source.loadUnaligned(
                fromByteOffset: range.lowerBound + moved, as: SIMD16<UInt8>.self)
            target.storeBytes(of: step, toByteOffset: place + moved, as: SIMD16<UInt8>.self)
            moved += stepByteCount
        }
    }

    private func grow(_ bytes: inout [UInt8], to count: Int) {
        guard bytes.count < count else { return }
        bytes.append(contentsOf: repeatElement(0, count: max(count, bytes.count * 2) - bytes.count))
    }
}

extension UnsafeMutablePointer<UInt8> {
    /// Puts the bytes here.
    ///
    /// - Returns: how many they are.
    @inline(__always)
    func write(_ value: UnsafeBufferPointer<UInt8>) -> Int {
        if let source = value.baseAddress { update(from: source, count: value.count) }
        return value.count
    }

    /// The same from an array.
    @inline(__always)
    func write(_ value: [UInt8]) -> Int {
        for index in value.indices { self[index] = value[index] }
        return value.count
    }
}
