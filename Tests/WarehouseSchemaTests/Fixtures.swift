import ExportModel
import Foundation
import PartitionWriting

/// A stream with a few columns of every type, and exports of it in a directory of their own.
struct Fixture {
    static let fields = [
        Field(
            name: "id", type: .text, column: .callID, isRequired: true,
            summary: "It's the \"id\" \\ here"),
        Field(name: "time", type: .epochMilliseconds, column: .startedAt, isRequired: true),
        Field(name: "cost", type: .decimal(precision: 18, scale: 6), column: .rate),
        Field(name: "seconds", type: .int, column: .durationSeconds),
        Field(name: "taped", type: .bool, column: .recorded),
        Field(
            name: "notes", type: .json, column: .notes,
            notes: NoteFields(message: "m", createdAt: "c", agent: "a")),
    ]

    static let endpoint = Endpoint(
        id: "test.v1.calls", title: "Calls", document: "none", provider: "test",
        defaultBaseURL: nil,
        request: RequestShape(
            path: "", encoding: .json, fixed: [], credentials: [], window: nil, requestID: nil,
            optional: [], paging: nil),
        response: ResponseShape(
            rows: JSONPath(dotted: "rows"), total: JSONPath(dotted: "total"),
            rules: AnswerRules(success: [], failures: [], errorTexts: [])),
        key: ["id"], keyHasOrdinal: false, timeField: "time",
        sourceZone: SourceZone(identifier: "Z", offsetSeconds: 0), fields: fields, constants: [],
        login: nil)

    let root: String
    var pipeline: Pipeline

    var stream: ExportModel.Stream { pipeline.streams[0] }

    /// - Parameter names: output name of each unified column, in order.
    init(
        _ format: OutputFormat = .csv, _ compression: OutputCompression = .gzip,
        columns names: [(String, String)] = [("call_id", "id"), ("started_at", "started_at")],
        timestamps: TimestampStyle = .iso8601
    ) {
        root = FileManager.default.temporaryDirectory.path + "/warehouse-\(UUID().uuidString)"
        let selection = ColumnSelection.list(
            names.map { PickedColumn(name: $0.0, outputName: $0.1) })
        let plan = ColumnPlan(selection, of: Self.endpoint)
        let windows = WindowOptions(
            every: .day, range: .yesterday, settleMilliseconds: 0, refresh: 0, catchUpFrom: nil)
        let extract = ExtractOptions(
            pagesInFlight: 1, windowsInFlight: 1, requestsPerSecond: 1, slicePages: 1, pageSize: 1,
            timeoutMilliseconds: 1, attempts: 1, maxRejects: nil)
        pipeline = Pipeline(
            name: "nightly", timeZoneIdentifier: "UTC", statePath: nil, requestsPerSecond: nil,
            output: OutputOptions(
                path: root, format: format, compression: compression, level: nil,
                columns: selection, partByteCount: 1 << 20, timestamps: timestamps,
                csv: CSVOptions(), parquet: ParquetOptions()),
            streams: [])
        guard let plan else { preconditionFailure("the fixture picks columns that exist") }
        pipeline.streams = [
            Stream(
                name: "calls", endpoint: Self.endpoint, baseURL: "",
                sourceZone: Self.endpoint.sourceZone,
                accounts: [], parameters: [], requests: nil, windows: windows, extract: extract,
                columns: plan)
        ]
    }

    /// Publishes days as one run; a day is named with the ids of its rows.
    func publish(_ days: [(day: Int, ids: [String])], run: String, at second: Int64) throws {
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        let publisher = PartitionPublisher(
            options: pipeline.output, pipeline: pipeline.name, runID: run, tool: "cdrx/0.0.0")
        let partitions = try days.map { day, ids in
            let window = Window(
                key: .day(CivilDate(daysSinceEpoch: day)), range: nil, timeZoneIdentifier: "UTC")
            let staged = try publisher.stage(
                PartitionDescription(
                    pipeline: pipeline.name, stream: "calls", endpoint: "test.v1.calls",
                    account: "main", window: window, schema: stream.columns.schema))
            try staged.append(batch(ids))
            let summary = ExtractionSummary(
                counts: ExtractionCounts(), extractedAt: Timestamp(epochMilliseconds: 0))
            return RunPartition(try staged.prepare(summary).publish())
        }
        let moment = Timestamp(epochMilliseconds: second * 1_000)
        try publisher.write(
            RunFile(
                runID: run, pipeline: pipeline.name, startedAt: moment, finishedAt: moment,
                tool: "cdrx/0.0.0", partitions: partitions))
    }

    func remove() throws {
        try FileManager.default.removeItem(atPath: root)
    }

    /// Rows of the default columns.
    private func batch(_ ids: [String]) -> RecordBatch {
        var texts = TextColumn()
        var times = NumberColumn()
        for id in ids {
            texts.append(id)
            times.append(0)
        }
        return RecordBatch(
            schema: stream.columns.schema, rowCount: ids.count,
            columns: [.text(texts), .timestamp(times)])
    }
}
