import ExportModel

/// A stream with a few columns of every type.
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
            rows: [JSONPath(dotted: "rows")], total: .path(JSONPath(dotted: "total")),
            rules: AnswerRules(success: [], failures: [], errorTexts: [])),
        key: ["id"], keyHasOrdinal: false, timeField: "time",
        sourceZone: SourceZone(identifier: "Z", offsetSeconds: 0), fields: fields, constants: [],
        login: nil)

    var pipeline: Pipeline

    var stream: ExportModel.Stream { pipeline.streams[0] }

    /// - Parameter names: output name of each unified column, in order.
    init(
        _ format: OutputFormat = .csv, _ compression: OutputCompression = .gzip,
        columns names: [(String, String)] = [("call_id", "id"), ("started_at", "started_at")],
        timestamps: TimestampStyle = .iso8601
    ) {
        let selection = ColumnSelection(
            names.map { .column($0.0, as: $0.1) })
        let plan = ColumnPlan(selection, of: Self.endpoint)
        let windows = WindowOptions(
            every: .day, range: .yesterday, settleMilliseconds: 0, refresh: 0, catchUpFrom: nil)
        let extract = ExtractOptions(
            pagesInFlight: 1, windowsInFlight: 1, requestsPerSecond: 1, slicePages: 1, pageSize: 1,
            timeoutMilliseconds: 1, attempts: 1, maxRejects: .unlimited)
        pipeline = Pipeline(
            name: "nightly", timeZoneIdentifier: "UTC", statePath: nil, requestsPerSecond: nil,
            output: OutputOptions(
                path: "exports", format: format, compression: compression, level: nil,
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
}
