import ExportModel

/// Consecutive rows of a slice that lie in one page, with the page's memory at hand.
struct RowRun {
    let body: UnsafeBufferPointer<UInt8>
    let cells: UnsafeBufferPointer<RawCell>
    let unknownFields: UnsafeBufferPointer<UnknownField>
    let fieldCount: Int
    let ordinals: [Int32]
    let namePrefixes: [[UInt8]]
    let requestID: String?
    /// Every row of the pass; this run's are at ``indices``.
    let rows: UnsafeBufferPointer<RowReference>
    let indices: Range<Int>

    @inline(__always)
    func cell(_ index: Int, field: Int) -> RawCell {
        cells[Int(rows[index].row) * fieldCount + field]
    }

    @inline(__always)
    func bytes(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: body[range])
    }

    /// The value's raw text, quotes included.
    @inline(__always)
    func raw(_ cell: RawCell) -> UnsafeBufferPointer<UInt8> { bytes(cell.range) }

    /// Appends the value as JSON that every warehouse takes, minified.
    func appendJSON(_ cell: RawCell, to output: inout [UInt8]) {
        let start = output.count
        switch cell.kind {
        case .array, .object: JSONText.appendMinified(raw(cell), to: &output)
        case .string where !cell.isEscaped:
            output.append(contentsOf: raw(cell))
            return
        default: output.append(contentsOf: raw(cell))
        }
        JSONText.replaceRefusedEscapes(in: &output, from: start)
    }

    /// Appends the name of an unknown field as JSON, as it was written.
    func appendName(_ field: UnknownField, to output: inout [UInt8]) {
        if field.prefix == 0 {
            output.append(contentsOf: bytes(field.name))
            return
        }
        output.append(UInt8(ascii: "\""))
        output.append(contentsOf: namePrefixes[Int(field.prefix) - 1])
        if field.name.isEmpty {
            output.append(UInt8(ascii: "\""))
        } else {
            output.append(UInt8(ascii: "."))
            output.append(contentsOf: bytes(field.name).dropFirst())
        }
    }

    /// Places of the row's unknown fields in ``unknownFields``.
    func unknownFields(of index: Int) -> Range<Int> {
        let row = Int(rows[index].row)
        if unknownFields.isEmpty { return 0..<0 }
        var low = 0
        var high = unknownFields.count
        while low < high {
            let middle = (low + high) / 2
            if unknownFields[middle].row < row { low = middle + 1 } else { high = middle }
        }
        var end = low
        while end < unknownFields.count, unknownFields[end].row == row { end += 1 }
        return low..<end
    }

    /// Calls `body` for each run of `rows`.
    static func forEach(
        of rows: [RowReference], in pages: [RawPage], _ body: (RowRun) -> Void
    ) {
        rows.withUnsafeBufferPointer { rows in
            var start = 0
            while start < rows.count {
                var end = start + 1
                while end < rows.count, rows[end].page == rows[start].page { end += 1 }
                pages[Int(rows[start].page)].withRun(start..<end, of: rows, body)
                start = end
            }
        }
    }
}

extension RawPage {
    fileprivate func withRun(
        _ indices: Range<Int>, of rows: UnsafeBufferPointer<RowReference>,
        _ body: (RowRun) -> Void
    ) {
        self.body.withUnsafeBufferPointer { bytes in
            cells.withUnsafeBufferPointer { cells in
                unknownFields.withUnsafeBufferPointer { unknownFields in
                    body(
                        RowRun(
                            body: bytes, cells: cells, unknownFields: unknownFields,
                            fieldCount: fieldCount, ordinals: ordinals,
                            namePrefixes: namePrefixes, requestID: requestID, rows: rows,
                            indices: indices))
                }
            }
        }
    }
}

/// Why the rows of a pass that do not fit do not.
struct FailureLog {
    struct Failure {
        var reason: Reject.Reason
        /// The field's index in the entry; -1 for the record as a whole. Of several failures in a
        /// row the first in this order is reported.
        var order: Int
        /// The provider's name, where the entry does not name the field.
        var unknownName: String?
    }

    /// By the row's place in the pass.
    private(set) var failures: [Int: Failure] = [:]

    var isEmpty: Bool { failures.isEmpty }

    mutating func record(
        _ reason: Reject.Reason, row: Int, order: Int, unknownName: String? = nil
    ) {
        if let known = failures[row], known.order <= order { return }
        failures[row] = Failure(reason: reason, order: order, unknownName: unknownName)
    }
}
