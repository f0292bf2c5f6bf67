import ExportModel
import Testing

@testable import WarehouseSchema

@Suite struct WarehouseTableTests {
    private static let everyType = [
        ("call_id", "id"), ("started_at", "when"), ("rate", "rate"),
        ("duration_seconds", "seconds"), ("recorded", "recorded"), ("notes", "notes"),
        ("extra", "extra"),
    ]

    /// The types of id, when, rate, seconds, recorded, notes, extra.
    @Test(arguments: [
        (
            Dialect.postgres, OutputFormat.csv,
            ["text", "timestamptz(3)", "numeric(18,6)", "integer", "boolean", "json", "json"]
        ),
        (
            .duckdb, .ndjson,
            ["VARCHAR", "TIMESTAMPTZ", "DECIMAL(18,6)", "INTEGER", "BOOLEAN", "JSON", "JSON"]
        ),
        (
            .duckdb, .parquet,
            [
                "VARCHAR", "TIMESTAMPTZ", "DECIMAL(18,6)", "INTEGER", "BOOLEAN",
                "STRUCT(message VARCHAR, created_at TIMESTAMPTZ, agent VARCHAR)[]", "JSON",
            ]
        ),
        (
            .clickhouse, .csv,
            [
                "String", "DateTime64(3, 'UTC')", "Nullable(Decimal(18, 6))", "Nullable(Int32)",
                "Nullable(Bool)", "Nullable(String)", "Nullable(String)",
            ]
        ),
        (
            .bigquery, .parquet,
            [
                "STRING", "TIMESTAMP", "NUMERIC(18, 6)", "INT64", "BOOL",
                "ARRAY<STRUCT<message STRING, created_at TIMESTAMP, agent STRING>>", "STRING",
            ]
        ),
        (
            .bigquery, .ndjson,
            ["STRING", "TIMESTAMP", "NUMERIC(18, 6)", "INT64", "BOOL", "JSON", "JSON"]
        ),
        (
            .snowflake, .csv,
            [
                "VARCHAR", "TIMESTAMP_LTZ(3)", "NUMBER(18, 6)", "NUMBER(10, 0)", "BOOLEAN",
                "VARIANT", "VARIANT",
            ]
        ),
        (
            .redshift, .csv,
            [
                "VARCHAR(65535)", "TIMESTAMPTZ", "DECIMAL(18,6)", "INTEGER", "BOOLEAN", "SUPER",
                "SUPER",
            ]
        ),
        (
            .spark, .parquet,
            [
                "STRING", "TIMESTAMP", "DECIMAL(18,6)", "INT", "BOOLEAN",
                "ARRAY<STRUCT<message: STRING, created_at: TIMESTAMP, agent: STRING>>", "STRING",
            ]
        ),
    ])
    func typesHoldEveryValue(dialect: Dialect, format: OutputFormat, types: [String]) {
        let fixture = Fixture(format, columns: Self.everyType)
        let table = WarehouseTable(fixture.stream, output: fixture.pipeline.output)
        let lines = table.creation(in: dialect)[0].split(separator: "\n").dropFirst()
        for (line, (column, type)) in zip(lines, zip(Self.everyType, types)) {
            let text = line.trimmingPrefix { " \"`".contains($0) }
            #expect(text.hasPrefix(column.1), "\(line)")
            let rest = text.dropFirst(column.1.count + 2)
            #expect(rest.hasPrefix(type), "\(line)")
            #expect(rest.dropFirst(type.count).first.map { " ,".contains($0) } ?? true, "\(line)")
        }
    }

    @Test(arguments: Dialect.allCases)
    func partitionColumnsComeLast(dialect: Dialect) {
        let fixture = Fixture(dialect == .postgres ? .csv : .parquet)
        let table = WarehouseTable(fixture.stream, output: fixture.pipeline.output, name: "a.b")
        let lines = table.creation(in: dialect)[0].split(separator: "\n")
        let columns = lines.dropFirst().prefix { !$0.hasPrefix(")") }
        let own = ["cdrx_account", "cdrx_window", "cdrx_loaded_at", "cdrx_run_id"]
        #expect(columns.count == 6)
        for (line, name) in zip(columns.suffix(4), own) { #expect(line.contains(name)) }
        #expect(
            lines[0].contains("\"a\".\"b\"") || lines[0].contains("`a`.`b`"), "\(lines[0])")
    }

    @Test(arguments: Dialect.allCases)
    func emptyWindowIsOnlyDeleted(dialect: Dialect) throws {
        let fixture = Fixture(dialect == .postgres ? .csv : .parquet)
        let table = WarehouseTable(
            fixture.stream, output: fixture.pipeline.output, hasDates: false)
        let empty = LoadPartition(
            account: "o'b", window: "batch=a", directory: "/x", files: [], rows: 0,
            runID: "r")
        let text = try table.loading([empty], in: dialect).joined(separator: "\n")
        let account = text.contains("'o''b'") || text.contains("'o\\'b'")
        #expect(account && text.contains("'batch=a'"))
        #expect(text.contains("DELETE FROM") || text.contains("DROP IF EXISTS PARTITION"))
        for word in ["INSERT", "COPY ", "LOAD DATA", "/x"] {
            #expect(!text.contains(word), "\(word)")
        }
    }

    @Test func deleteStandsBeforeItsLoadInOneTransaction() throws {
        let fixture = Fixture(.csv)
        let table = WarehouseTable(fixture.stream, output: fixture.pipeline.output)
        let partition = LoadPartition(
            account: "main", window: "2026-01-01", directory: "/x", files: ["part-00000.csv.gz"],
            rows: 1, runID: "r")
        for dialect in [Dialect.postgres, .duckdb, .bigquery, .snowflake, .redshift] {
            let statements = try table.loading([partition], in: dialect)
            let begin = try #require(statements.firstIndex { $0.hasPrefix("BEGIN") })
            let delete = try #require(
                statements.firstIndex {
                    $0.contains("DELETE FROM \"calls\"") || $0.contains("DELETE FROM `calls`")
                })
            let insert = try #require(
                statements.firstIndex {
                    $0.hasPrefix("INSERT INTO") || $0.hasPrefix("COPY INTO")
                })
            let commit = try #require(statements.firstIndex { $0.hasPrefix("COMMIT") })
            #expect(begin < delete && delete < insert && insert < commit, "\(dialect)")
        }
    }

    @Test func whatCannotBeReadIsRefused() {
        let partition = LoadPartition(
            account: "a", window: "w", directory: "/x", files: ["f"], rows: 1, runID: "r")
        for (dialect, format, compression) in [
            (Dialect.postgres, OutputFormat.parquet, OutputCompression.zstd),
            (.bigquery, .csv, .zstd), (.bigquery, .ndjson, .zstd),
        ] {
            let fixture = Fixture(format, compression)
            let table = WarehouseTable(fixture.stream, output: fixture.pipeline.output)
            #expect {
                _ = try table.loading([partition], in: dialect)
            } throws: { ($0 as? WarehouseError)?.reason == .formatNotLoadable }
        }
    }

    @Test func commentsAreQuoted() {
        let fixture = Fixture()
        let table = WarehouseTable(fixture.stream, output: fixture.pipeline.output)
        let quoted = [
            Dialect.postgres: "It''s the \"id\" \\ here", .clickhouse: #"It\'s the "id" \\ here"#,
            .bigquery: #"It's the \"id\" \\ here"#,
        ]
        for (dialect, comment) in quoted {
            let text = table.creation(in: dialect).joined(separator: "\n")
            #expect(text.contains(comment), "\(dialect)")
        }
    }
}
