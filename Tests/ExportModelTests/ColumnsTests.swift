import ExportModel
import Testing

@Suite struct ColumnsTests {
    /// Runs of rows give what row by row gives, also across the 64 bits of a word.
    @Test(arguments: [0, 1, 3, 63, 64, 65, 130])
    func runsOfEqualRowsEqualSingleRows(rowCount: Int) {
        var text = (runs: TextColumn(), single: TextColumn())
        var numbers = (runs: NumberColumn(), single: NumberColumn())
        var bools = (runs: BoolColumn(), single: BoolColumn())
        var notes = (runs: NotesColumn(), single: NotesColumn())
        for _ in 0..<3 {
            withBytes("abc") { value in
                text.runs.append(value, rowCount: rowCount)
                for _ in 0..<rowCount { text.single.append(value) }
            }
            text.runs.appendNulls(rowCount: rowCount)
            numbers.runs.append(7)
            numbers.single.append(7)
            numbers.runs.appendNulls(rowCount: rowCount)
            bools.runs.append(true)
            bools.single.append(true)
            bools.runs.appendNulls(rowCount: rowCount)
            notes.runs.appendNulls(rowCount: rowCount)
            for _ in 0..<rowCount {
                text.single.appendNull()
                numbers.single.appendNull()
                bools.single.appendNull()
                notes.single.endRow(isValid: false)
            }
        }
        #expect(text.runs == text.single)
        #expect(numbers.runs == numbers.single)
        #expect(bools.runs == bools.single)
        #expect(notes.runs == notes.single)
        #expect(text.runs.validity.nullCount == 3 * rowCount)
    }

    @Test func whatIsTakenBackLeavesNoBytes() {
        var column = TextColumn()
        column.append("kept")
        column.append { bytes in
            bytes.append(contentsOf: "dropped".utf8)
            return false
        }
        column.append { bytes in
            bytes.append(contentsOf: "end".utf8)
            return true
        }
        #expect((0..<3).map { column.string(at: $0) } == ["kept", nil, "end"])
        #expect(column.bytes == Array("keptend".utf8))
        #expect(column.offsets == [0, 4, 4, 7])
    }

    /// The empty text is a value; null is none.
    @Test func emptyTextIsNotNull() {
        var column = TextColumn()
        column.append("")
        column.appendNull()
        #expect((column.string(at: 0), column.string(at: 1)) == ("", nil))
        #expect(column.validity.nullCount == 1)
    }

    /// Encoders read whole words: bits after the last row must not look like values.
    @Test(arguments: [1, 63, 64, 65, 127, 128, 129])
    func bitsAfterTheLastRowAreZero(rowCount: Int) {
        var validity = Validity()
        validity.append(true, rowCount: rowCount)
        #expect(validity.words.reduce(0) { $0 + $1.nonzeroBitCount } == rowCount)
        #expect(validity.words.count == (rowCount + 63) / 64)
        validity.append(false)
        validity.append(true)
        #expect((validity[rowCount], validity[rowCount + 1]) == (false, true))
        #expect(validity.nullCount == 1 && validity.count == rowCount + 2)
    }

    @Test func notesOfARowAreTheOnesSinceTheLast() {
        var notes = NotesColumn()
        for row in 0..<3 {
            for note in 0..<row {
                notes.message.append("\(row).\(note)")
                notes.createdAt.append(Int64(note))
                notes.agent.appendNull()
            }
            notes.endRow(isValid: row > 0)
        }
        #expect(notes.offsets == [0, 0, 1, 3])
        #expect((0..<3).map { notes.validity[$0] } == [false, true, true])
        #expect(notes.message.string(at: 2) == "2.1")
    }

    @Test func aBatchOfUnequalColumnsTraps() async {
        await #expect(processExitsWith: .failure) {
            var column = NumberColumn()
            column.append(1)
            let schema = TableSchema(columns: [Column(name: "a", type: .int)])
            _ = RecordBatch(schema: schema, rowCount: 2, columns: [.int(column)])
        }
    }
}
