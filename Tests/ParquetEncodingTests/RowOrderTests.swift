import ExportModel
import ParquetEncoding
import Testing

@Suite struct RowOrderTests {
    private func order(_ rows: [(Int64, String)], _ selection: ColumnSelection = .unified) -> Int {
        var builder = BatchBuilder([
            Column(name: "call_id", type: .text), Column(name: "started_at", type: .timestamp),
        ])
        for (time, id) in rows { builder.append([.text(id), .number(time)]) }
        let batch = builder.batch
        var order = RowOrder(batch.schema, selection: selection)
        order.note(batch, rows: 0..<batch.rowCount)
        return order.holdingCount
    }

    @Test func orderThatRowsDoNotHaveIsNotDeclared() {
        #expect(order([(1, "b"), (2, "a"), (2, "b"), (2, "b")]) == 2)
        #expect(order([(1, "b"), (2, "b"), (2, "a")]) == 1)
        #expect(order([(2, "a"), (1, "b")]) == 0)
        let renamed = ColumnSelection.list([
            PickedColumn(name: "leg", outputName: "call_id"),
            PickedColumn(name: "answered_at", outputName: "started_at"),
        ])
        #expect(order([(1, "b"), (2, "a")], renamed) == 0)
    }
}
