import ExportModel
import Testing

@testable import ParquetEncoding

@Suite struct LeafRowsTests {
    /// null · [] · [{message}] · [{}, {message}]
    private var notes: NotesColumn {
        var builder = BatchBuilder([Column(name: "notes", type: .notes)])
        builder.append([.null])
        builder.append([.notes([])])
        builder.append([.notes([TestNote(message: "a")])])
        builder.append([.notes([TestNote(), TestNote(message: "b")])])
        guard case .notes(let column) = builder.batch.columns[0] else { return NotesColumn() }
        return column
    }

    @Test func levelsTellNullListsFromEmptyListsFromNullFields() {
        var leaf = LeafRows()
        leaf.append(notes, field: .message, rows: 0..<4, isNullable: true)
        //                               null  []  a  {}  b
        #expect(leaf.definitionLevels == [0, 1, 3, 2, 3])
        #expect(leaf.repetitionLevels == [0, 0, 0, 0, 1])
        #expect((0...4).map { leaf.place(ofRow: $0) } == [0, 1, 2, 3, 5])
        #expect(leaf.values.texts.bytes == Array("ab".utf8))
    }

    @Test func aRequiredListHasOneLevelLess() {
        var leaf = LeafRows()
        leaf.append(notes, field: .message, rows: 1..<4, isNullable: false)
        #expect(leaf.definitionLevels == [0, 2, 1, 2])
    }

    @Test func nullsLeaveALevelAndNoValue() {
        var column = NumberColumn()
        column.append(7)
        column.appendNull()
        column.append(9)
        var leaf = LeafRows()
        leaf.append(column, rows: 0..<3, isNullable: true)
        leaf.append(column, rows: 1..<2, isNullable: true)
        #expect(leaf.definitionLevels == [1, 0, 1, 0])
        #expect(leaf.values.numbers == [7, 9])
    }

    @Test func requiredColumnsHaveNoLevels() {
        var column = TextColumn()
        column.append("x")
        var leaf = LeafRows()
        leaf.append(column, rows: 0..<1, isNullable: false)
        #expect(leaf.definitionLevels.isEmpty)
        #expect(leaf.rowCount == 1 && leaf.placeCount == 1)
    }
}
