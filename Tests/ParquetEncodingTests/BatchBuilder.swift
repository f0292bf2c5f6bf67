import ExportModel

/// A value of a row, for tests that state rows.
enum TestValue: Sendable {
    case null
    case text(String)
    /// Integers, unscaled decimals, epoch milliseconds.
    case number(Int64)
    case bool(Bool)
    case notes([TestNote])
}

struct TestNote: Sendable {
    var message: String?
    var createdAt: Int64?
    var agent: String?
}

/// Makes batches of rows, and the NDJSON that foreign readers are compared with.
struct BatchBuilder {
    let schema: TableSchema
    private(set) var rows: [[TestValue]] = []

    init(_ columns: [Column]) { schema = TableSchema(columns: columns) }

    init(_ schema: TableSchema) { self.schema = schema }

    mutating func append(_ row: [TestValue]) {
        precondition(row.count == schema.columns.count)
        rows.append(row)
    }

    var batch: RecordBatch {
        let columns = schema.columns.indices.map { index in
            values(rows.map { $0[index] }, schema.columns[index].type)
        }
        return RecordBatch(schema: schema, rowCount: rows.count, columns: columns)
    }

    private func values(_ values: [TestValue], _ type: ColumnType) -> ColumnValues {
        switch type {
        case .text: .text(texts(values))
        case .json: .json(texts(values))
        case .int: .int(numbers(values))
        case .decimal: .decimal(numbers(values))
        case .timestamp: .timestamp(numbers(values))
        case .date: .date(numbers(values))
        case .bool: .bool(booleans(values))
        case .notes: .notes(notes(values))
        }
    }

    private func texts(_ values: [TestValue]) -> TextColumn {
        var column = TextColumn()
        for value in values {
            if case .text(let text) = value { column.append(text) } else { column.appendNull() }
        }
        return column
    }

    private func numbers(_ values: [TestValue]) -> NumberColumn {
        var column = NumberColumn()
        for value in values {
            if case .number(let number) = value {
                column.append(number)
            } else {
                column.appendNull()
            }
        }
        return column
    }

    private func booleans(_ values: [TestValue]) -> BoolColumn {
        var column = BoolColumn()
        for value in values {
            if case .bool(let flag) = value { column.append(flag) } else { column.appendNull() }
        }
        return column
    }

    private func notes(_ values: [TestValue]) -> NotesColumn {
        var column = NotesColumn()
        for value in values {
            guard case .notes(let notes) = value else {
                column.endRow(isValid: false)
                continue
            }
            for note in notes {
                if let text = note.message {
                    column.message.append(text)
                } else {
                    column.message.appendNull()
                }
                if let time = note.createdAt {
                    column.createdAt.append(time)
                } else {
                    column.createdAt.appendNull()
                }
                if let agent = note.agent {
                    column.agent.append(agent)
                } else {
                    column.agent.appendNull()
                }
            }
            column.endRow(isValid: true)
        }
        return column
    }

    /// One JSON object a row; decimals unscaled, times as epoch milliseconds, JSON columns as text.
    var ndjson: [UInt8] {
        var output: [UInt8] = []
        for row in rows {
            output.append(UInt8(ascii: "{"))
            for (index, column) in schema.columns.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                JSONText.appendQuoted(column.name, to: &output)
                output.append(UInt8(ascii: ":"))
                append(row[index], to: &output)
            }
            output += Array("}\n".utf8)
        }
        return output
    }

    private func append(_ value: TestValue, to output: inout [UInt8]) {
        switch value {
        case .null: output += Array("null".utf8)
        case .text(let text): JSONText.appendQuoted(text, to: &output)
        case .number(let number): output += Array(String(number).utf8)
        case .bool(let flag): output += Array(String(flag).utf8)
        case .notes(let notes):
            output.append(UInt8(ascii: "["))
            for (index, note) in notes.enumerated() {
                output += Array((index > 0 ? "," : "").utf8) + Array("{\"message\":".utf8)
                append(note.message.map { .text($0) } ?? .null, to: &output)
                output += Array(",\"created_at\":".utf8)
                append(note.createdAt.map { .number($0) } ?? .null, to: &output)
                output += Array(",\"agent\":".utf8)
                append(note.agent.map { .text($0) } ?? .null, to: &output)
                output.append(UInt8(ascii: "}"))
            }
            output.append(UInt8(ascii: "]"))
        }
    }
}
