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
}
