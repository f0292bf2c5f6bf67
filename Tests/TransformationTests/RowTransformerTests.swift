import ExportModel
import Testing

@testable import Transformation

@Suite struct RowTransformerTests {
    private let basic = [
        Field(name: "id", type: .text, column: .callID, isRequired: true, sentinels: ["none"]),
        Field(name: "time", type: .epochMilliseconds, column: .startedAt, isRequired: true),
        Field(name: "billsec", type: .int, column: .billedSeconds),
    ]

    // MARK: Rejects

    @Test func rejectsNameReasonFieldPageAndRaw() throws {
        let rows = RawRows(fields: basic)
        let found = try rows.transform([
            ["id": #""a""#, "time": "1", "billsec": "x"], ["id": #""b""#, "time": "2"],
            ["time": "3", "billsec": "[ ]"], ["id": "null", "time": "3"],
            ["id": #""none""#, "time": "3"], ["id": #""c""#, "time": #""soon""#, "z": "1"],
            ["id": #""d""#, "time": "5", "id": #""d""#], ["id": #""e""#, "time": "4"],
        ])
        #expect(
            found.rejectLines == [
                #"malformed_value billsec 1 {"id":"a","time":1,"billsec":x}"#,
                #"missing_field id 1 {"time":3,"billsec":[]}"#,
                #"missing_field id 1 {"id":null,"time":3}"#,
                #"missing_field id 1 {"id":"none","time":3}"#,
                #"malformed_value time 1 {"id":"c","time":"soon","z":1}"#,
                #"repeated_field id 1 {"id":"d","time":5,"id":"d"}"#,
            ])
        #expect(found.column("id") == ["b", "e"])
        #expect(found.column("time") == ["2", "4"])
        #expect(found.column("billsec") == ["null", "null"])
        #expect(found.firstStartedAt == Timestamp(epochMilliseconds: 2))
        #expect(found.lastStartedAt == Timestamp(epochMilliseconds: 4))
    }

    @Test func requiredFieldsAreCheckedThoughNotSelected() throws {
        let rows = RawRows(
            fields: basic + [Field(name: "to", type: .digits, isRequired: true)])
        let found = try rows.transform(
            [
                ["id": #""a""#, "time": "7", "to": "1"], ["id": #""b""#, "time": "8"],
                ["id": #""c""#, "time": "{}", "to": "1"], ["time": "9", "to": "1"],
                ["id": #""d""#, "time": "10", "to": "1.5", "billsec": "[]"],
                ["id": #""e""#, "time": "6", "to": "1", "billsec": "[]"],
            ],
            columns: ColumnSelection([.column("provider", as: "p")]))
        #expect(found.column("p") == ["test", "test"])
        #expect(found.rejects.map(\.field) == ["to", "time", "id", "to"])
        #expect(found.firstStartedAt == Timestamp(epochMilliseconds: 6))
        #expect(found.lastStartedAt == Timestamp(epochMilliseconds: 7))
    }

    @Test func rejectsComeInPageAndRowOrder() throws {
        let rows = RawRows(fields: basic)
        let pages = [
            rows.page([["id": "{}", "time": "9"], ["id": "1", "time": "8"]], number: 1),
            rows.page([["time": "7"], ["id": "2", "time": "6"], ["id": "3"]], number: 2),
        ]
        var slice = RawRows.slice(pages, unidentified: [RowReference(page: 1, row: 2)])
        slice.rows.reverse()
        slice.unknownRequestIDs = [UnknownRequestID(number: 3, id: "q\"1")]
        let found = try rows.transformer(.native).transform(slice)
        #expect(found.column("id") == ["2", "1"])
        #expect(
            found.rejectLines == [
                #"wrong_type id 1 {"id":{},"time":9}"#, #"missing_field id 2 {"time":7}"#,
                #"missing_field time 2 {"id":3}"#,
                #"unknown_request_id request_id 3 {"request_id":"q\"1"}"#,
            ])
    }

    @Test func unidentifiedRowsAlwaysBecomeRejects() throws {
        let rows = RawRows(fields: basic)
        var page = rows.page([
            ["id": #""""#, "time": "1"], ["id": "[]", "time": "x"], ["id": "1", "time": "null"],
            ["id": "1", "time": "1"],
        ])
        page.rows.append(page.body.count..<page.body.count + 2)
        page.body += Array("17".utf8)
        page.cells += basic.map { _ in RawCell(kind: .missing) }
        let found = try rows.transformer(.native).transform(
            RawRows.slice([page], unidentified: (0..<5).map { RowReference(page: 0, row: $0) }))
        #expect(
            found.rejects.map { "\($0.reason.rawValue) \($0.field ?? "-")" } == [
                "missing_field id", "wrong_type id", "missing_field time", "malformed_value time",
                "not_an_object -",
            ])
        #expect(found.batch.rowCount == 0)
        #expect(found.firstStartedAt == nil && found.lastStartedAt == nil)
    }

    @Test func partOfACompoundKeyMayBeMissing() throws {
        var rows = RawRows(
            fields: [
                Field(name: "time", type: .epochMilliseconds), Field(name: "leg", type: .text),
                Field(name: "to", type: .digits),
            ], key: ["leg", "to", "time"])
        rows.endpoint.keyHasOrdinal = true
        let provider = ColumnPick.column("provider", as: "provider")
        for columns in [ColumnSelection.native, ColumnSelection([provider])] {
            let found = try rows.transform(
                [["time": "1", "to": "2"], ["time": "1", "leg": "{}"]], columns: columns)
            #expect(found.batch.rowCount == 1)
            #expect(found.rejects.map(\.field) == ["leg"])
        }
    }

    // MARK: Columns

    @Test func sourcesOtherThanFields() throws {
        var rows = RawRows(
            fields: basic + [
                Field(
                    name: "answered", type: .localDateTime, column: .answeredAt,
                    sentinels: ["1970-01-01 08:00:00"])
            ],
            constants: [
                ConstantColumn(column: .direction, value: .text("outbound")),
                ConstantColumn(
                    column: .status,
                    value: .presence(field: "answered", present: "answered", absent: "missed")),
            ])
        rows.endpoint.fields[0].column = nil
        rows.endpoint.request.requestID = RequestIDParameter(name: "request_id", column: .callID)
        var page = rows.page([
            ["id": "1", "time": "1", "answered": #""2019-09-27 14:58:37""#],
            ["id": "2", "time": "2", "answered": #""1970-01-01 08:00:00""#],
            ["id": "3", "time": "3", "answered": "null"], ["id": "4", "time": "4"],
        ])
        page.requestID = "8DI2"
        let found = try rows.transformer(.unified).transform(RawRows.slice([page]))
        #expect(found.rejects.isEmpty)
        #expect(found.column("provider").first == "test")
        #expect(found.column("endpoint").first == "test.v1.calls")
        #expect(found.column("account") == ["main", "main", "main", "main"])
        #expect(found.column("call_id").last == "8DI2")
        #expect(found.column("direction").first == "outbound")
        #expect(found.column("status") == ["answered", "missed", "missed", "missed"])
        #expect(found.column("leg") == ["null", "null", "null", "null"])
        #expect(found.column("rate").last == "null")
        #expect(found.column("recorded").last == "null")
        #expect(found.column("notes").last == "null")
    }

    @Test func presenceOfAMalformedValueIsNoAnswer() throws {
        let rows = RawRows(
            fields: basic + [Field(name: "answered", type: .localDateTime)],
            constants: [
                ConstantColumn(
                    column: .status, value: .presence(field: "answered", present: "a", absent: "m"))
            ])
        let found = try rows.transform(
            [["id": "1", "time": "1", "answered": #""soon""#]],
            columns: ColumnSelection([.column("status", as: "status")]))
        #expect(found.rejects.map(\.reason) == [.malformed])
    }

    @Test(arguments: [
        (#""callin""#, Translation.Others.keep, "= inbound"),
        (#""c\u0061llin""#, .keep, "= inbound"),
        (#""other""#, .keep, "= other"), (#""other""#, .null, "= null"),
        (#""other""#, .reject, "unknown_value"), ("null", .reject, "= null"),
        ("7", .keep, "= seven"),
        (#""-""#, .reject, "= null"), ("[]", .keep, "wrong_type"),
    ])
    func translationReplacesText(
        raw: String, others: Translation.Others, expected: String
    ) throws {
        let field = Field(
            name: "direction", type: .text, column: .direction, sentinels: ["-"],
            translation: Translation(values: ["callin": "inbound", "7": "seven"], others: others))
        let found = try RawRows(fields: basic + [field]).transform(
            [["id": "1", "time": "1", "direction": raw]], columns: .unified)
        let outcome = found.rejects.first?.reason.rawValue ?? "= " + found.column("direction")[0]
        #expect(outcome == expected)
    }

    @Test func translatedNumbersAreLookedUpInPlainDigits() throws {
        let field = Field(
            name: "callmethod", type: .int, column: .callMethod,
            translation: Translation(values: ["6": "ivr"], others: .keep))
        let rows = RawRows(fields: basic + [field])
        let found = try rows.transform(
            ["6", #""6""#, "6.0", "60e-1", "9", "1e10", "true"].map {
                ["id": "1", "time": "1", "callmethod": $0]
            }, columns: .unified)
        #expect(found.column("call_method") == ["ivr", "ivr", "ivr", "ivr", "9"])
        #expect(found.rejects.map(\.reason) == [.doesNotFit, .wrongType])
    }

    @Test func translationIntoABoolIsReadAsItsText() throws {
        let field = Field(
            name: "record", type: .text, column: .recorded,
            translation: Translation(values: ["1": "true", "0": "false"], others: .reject))
        let found = try RawRows(fields: basic + [field]).transform(
            ["1", #""0""#, "null"].map { ["id": "1", "time": "1", "record": $0] },
            columns: .unified)
        #expect(found.column("recorded") == ["true", "false", "null"])
    }

    @Test func otherTypesBecomeTextInTheirUsualForm() throws {
        var fields = basic
        fields[0].type = .decimal(precision: 9, scale: 3)
        fields += [
            Field(name: "a", type: .bool, column: .agent),
            Field(name: "b", type: .localDateTime, column: .leg),
            Field(name: "c", type: .json, column: .recording),
        ]
        let found = try RawRows(fields: fields).transform(
            [
                [
                    "id": "-1.500", "time": "1", "a": #""True""#, "b": #""1970-01-01 08:00:01""#,
                    "c": "[ 1 ]",
                ], ["id": "0.010", "time": "1"], ["id": "12e2", "time": "1"],
            ], columns: .unified)
        #expect(found.column("call_id") == ["-1.5", "0.01", "1200"])
        #expect(found.column("agent")[0] == "true")
        #expect(found.column("leg")[0] == "1970-01-01T00:00:01.000Z")
        #expect(found.column("recording")[0] == "[1]")
    }

    @Test func rowsOfInterleavedPagesKeepTheirOrder() throws {
        let rows = RawRows(fields: basic)
        let pages = (0..<3).map { page in
            rows.page((0..<50).map { ["id": "\"\(page)-\($0)\"", "time": "\($0)"] })
        }
        var slice = RawRows.slice(pages)
        slice.rows = (0..<50).flatMap { row in (0..<3).map { RowReference(page: $0, row: row) } }
        let found = try rows.transformer(.native).transform(slice)
        #expect(found.column("id") == (0..<50).flatMap { r in (0..<3).map { "\($0)-\(r)" } })
    }

    @Test func batchesLeaveNoTrace() throws {
        let rows = RawRows(fields: basic)
        let pages = (0..<2).map { page in
            rows.page(
                (0..<5).map { row in
                    ["id": "\"\(page)-\(row)\"", "time": row == 3 ? "\"x\"" : "\(9 - row)"]
                },
                number: page + 1)
        }
        var slice = RawRows.slice(pages)
        // Oldest last, so that rejects of page 2 are met before those of page 1.
        slice.rows.reverse()
        slice.keyHashes = slice.rows.indices.map(UInt64.init)
        var transformer = try rows.transformer(.native)
        let whole = try transformer.transform(slice)
        #expect(whole.rejects.map(\.page) == [1, 2])
        transformer.batchRowCount = 3
        var parts: [TransformedRows] = []
        let rest = transformer.transform(slice) { parts.append($0) }
        let batches = parts.map { WholeSlice(rows: $0, rest: rest) }
        #expect(parts.map(\.batch.rowCount) == [2, 3, 2, 1])
        #expect(batches.flatMap { $0.column("id") } == whole.column("id"))
        #expect(parts.flatMap(\.keyHashes) == whole.rows.keyHashes)
        #expect(rest.rejects.map(\.page) == [1, 2])
        #expect(rest.firstStartedAt == whole.firstStartedAt)
        #expect(rest.lastStartedAt == whole.lastStartedAt)
        #expect(rest.lastStartedAt == Timestamp(epochMilliseconds: 9))
    }

    @Test func noRowsGiveAnEmptyBatch() throws {
        let found = try RawRows(fields: basic).transform([], columns: .unified)
        #expect(found.batch.rowCount == 0)
        #expect(found.batch.columns.count == UnifiedColumn.allCases.count)
        #expect(found.rejects.isEmpty && found.firstStartedAt == nil)
    }
}
