import ExportModel

@testable import PartitionFormats

/// A value of a test table.
enum TestCell {
    case null
    case text(String)
    case number(Int64)
    case bool(Bool)
    case notes([(message: String?, createdAt: Int64?, agent: String?)])
}

/// Tables for tests, written row by row.
enum TestTable {
    static func batch(_ columns: [(String, ColumnType)], _ rows: [[TestCell]]) -> RecordBatch {
        let values = columns.enumerated().map { index, column in
            self.column(column.1, rows.map { $0[index] })
        }
        return RecordBatch(
            schema: TableSchema(columns: columns.map { Column(name: $0.0, type: $0.1) }),
            rowCount: rows.count, columns: values)
    }

    static func description(_ schema: TableSchema, day: Int = 19) -> PartitionDescription {
        PartitionDescription(
            pipeline: "nightly", stream: "calls", endpoint: "telecmi.v2.user.out_missed",
            account: "main", window: window(day: day), schema: schema)
    }

    static func window(day: Int) -> Window {
        let date = CivilDate(daysSinceEpoch: 20_757 + day)
        let start = Timestamp(epochMilliseconds: Int64(date.daysSinceEpoch) * 86_400_000)
        return Window(
            key: .day(date),
            range: TimeRange(start: start, end: start.advanced(milliseconds: 86_400_000)),
            timeZoneIdentifier: "UTC")
    }

    static func options(
        path: String = "/export", format: OutputFormat = .csv,
        compression: OutputCompression = .gzip, partByteCount: Int = 1 << 28,
        timestamps: TimestampStyle = .iso8601, csv: CSVOptions = CSVOptions()
    ) -> OutputOptions {
        OutputOptions(
            path: path, format: format, compression: compression, level: nil, columns: .unified,
            partByteCount: partByteCount, timestamps: timestamps, csv: csv,
            parquet: ParquetOptions())
    }

    private static func column(_ type: ColumnType, _ cells: [TestCell]) -> ColumnValues {
        switch type {
        case .text: .text(text(cells))
        case .json: .json(text(cells))
        case .int: .int(numbers(cells))
        case .decimal: .decimal(numbers(cells))
        case .timestamp: .timestamp(numbers(cells))
        case .date: .date(numbers(cells))
        case .bool: .bool(bools(cells))
        case .notes: .notes(notes(cells))
        }
    }

    private static func text(_ cells: [TestCell]) -> TextColumn {
        var column = TextColumn()
        for cell in cells {
            if case .text(let text) = cell { column.append(text) } else { column.appendNull() }
        }
        return column
    }

    private static func numbers(_ cells: [TestCell]) -> NumberColumn {
        var column = NumberColumn()
        for cell in cells {
            if case .number(let value) = cell { column.append(value) } else { column.appendNull() }
        }
        return column
    }

    private static func bools(_ cells: [TestCell]) -> BoolColumn {
        var column = BoolColumn()
        for cell in cells {
            if case .bool(let value) = cell { column.append(value) } else { column.appendNull() }
        }
        return column
    }

    private static func notes(_ cells: [TestCell]) -> NotesColumn {
        var column = NotesColumn()
        for cell in cells {
            guard case .notes(let notes) = cell else {
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
                if let text = note.agent {
                    column.agent.append(text)
                } else {
                    column.agent.appendNull()
                }
            }
            column.endRow(isValid: true)
        }
        return column
    }

    /// All bytes of one part that is never closed early.
    static func encode(
        _ batch: RecordBatch, _ encoder: any PartitionEncoder.Type, _ options: OutputOptions
    ) throws -> String {
        var output: [UInt8] = []
        var encoder = try encoder.init(description(batch.schema), options: options)
        try encoder.begin(into: &output)
        if batch.rowCount > 0 {
            let taken = try encoder.append(
                batch, rows: 0..<batch.rowCount, limit: .max, to: &output)
            precondition(taken == batch.rowCount)
        }
        try encoder.finish(into: &output)
        precondition(encoder.dataByteCount == output.count)
        return String(decoding: output, as: UTF8.self)
    }
}
