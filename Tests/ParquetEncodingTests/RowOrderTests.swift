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
        let renamed = ColumnSelection([
            .column("leg", as: "call_id"),
            .column("answered_at", as: "started_at"),
        ])
        #expect(order([(1, "b"), (2, "a")], renamed) == 0)
    }

    /// Batches of (account, time, id).
    private func order(_ batches: [[(String?, Int64?, String)]]) -> [Int] {
        let columns = [
            Column(name: "call_id", type: .text), Column(name: "account", type: .text),
            Column(name: "started_at", type: .timestamp),
        ]
        var order = RowOrder(TableSchema(columns: columns), selection: .unified)
        #expect(order.columns == [1, 2, 0])
        return batches.map { rows in
            var builder = BatchBuilder(columns)
            for (account, time, id) in rows {
                builder.append([
                    .text(id), account.map { .text($0) } ?? .null,
                    time.map { .number($0) } ?? .null,
                ])
            }
            order.note(builder.batch, rows: 0..<rows.count)
            return order.holdingCount
        }
    }

    @Test func timesBeginAgainWithEachAccount() {
        #expect(
            order([[("a", 1, "x"), ("a", 2, "x"), ("b", 1, "x")], [("c", 0, "w")]]) == [3, 3])
        #expect(order([[("a", 2, "x")], [("a", 1, "y")]]) == [3, 1])
        #expect(order([[("a", 2, "x")], [("a", 2, "w"), ("b", 0, "w")]]) == [3, 2])
        #expect(order([[("a", 2, "x")], [("ab", 1, "w")], [("b", 1, "w")]]) == [3, 3, 3])
        #expect(order([[("b", 1, "x")], [("a", 2, "y")]]) == [3, 0])
        #expect(order([[("b", 1, "x"), ("ab", 2, "y")]]) == [0])
        #expect(order([[("a", 1, "x"), (nil, 2, "y")]]) == [0])
        #expect(order([[("a", nil, "x"), ("b", 2, "y")], [("a", 2, "y")]]) == [1, 0])
    }
}
