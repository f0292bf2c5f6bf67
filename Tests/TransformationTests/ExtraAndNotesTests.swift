import ExportModel
import Testing
import Transformation

@Suite struct ExtraAndNotesTests {
    private let fields = [
        Field(name: "id", type: .text, column: .callID, isRequired: true),
        Field(name: "time", type: .epochMilliseconds, column: .startedAt, isRequired: true),
        Field(name: "userid", type: .text),
        Field(name: "hangup", type: .int, column: .hangupCode, staysInExtra: true),
        Field(
            name: "notes", type: .json, column: .notes,
            notes: NoteFields(message: "msg", createdAt: "date", agent: "agent")),
    ]

    private func extra(_ row: RawRows.Row, columns: ColumnSelection = .unified) throws -> String {
        let found = try RawRows(fields: fields).transform([row], columns: columns)
        if let reject = found.rejects.first {
            return "\(reject.reason.rawValue) \(reject.field ?? "-")"
        }
        return found.column("extra")[0]
    }

    // MARK: Extra

    @Test func extraIsNullWhenThereIsNothing() throws {
        #expect(try extra(["id": "1", "time": "1"]) == "null")
    }

    @Test func extraKeepsOrderAndRawValues() throws {
        #expect(
            try extra([
                "z": #""\u00e9\/""#, "hangup": "10.0", "id": "1", "a b": "{ \"x\" : [ 1 ,2,] }",
                "userid": "null", "time": "1", "m": "1.50",
            ]) == #"{"z":"\u00e9\/","hangup":10.0,"a b":{"x":[1,2]},"userid":null,"m":1.50}"#)
    }

    /// Half surrogates make DuckDB refuse the whole file, `\u0000` PostgreSQL.
    @Test(arguments: [
        (#""\ud800""#, #""\ufffd""#), (#""\ude00\ud83d""#, #""\ufffd\ufffd""#),
        (#""\ud83d\ude00""#, #""\ud83d\ude00""#), (#""\u0000""#, #""\ufffd""#),
        (#""\\ud800\\u0000""#, #""\\ud800\\u0000""#),
        (#"{"\uDBFF":[{"\u0000":"a\uDC00"}]}"#, #"{"\ufffd":[{"\ufffd":"a\ufffd"}]}"#),
        (#""\ud83d\ud83d\ude00""#, #""\ufffd\ud83d\ude00""#), (#""\ud83d\n""#, #""\ufffd\n""#),
    ])
    func whatWarehousesRefuseIsReplacedInExtra(raw: String, expected: String) throws {
        #expect(
            try extra(["id": "1", "time": "1", "userid": raw, #"\ud800"#: raw, #"\u00001"#: "2"])
                == #"{"userid":\#(expected),"\ufffd":\#(expected),"\ufffd1":2}"#)
    }

    @Test func namesThatBecomeEqualAreAReject() throws {
        let row: RawRows.Row = ["id": "1", "time": "1", #"\ud800"#: "1", #"\ud801"#: "2"]
        #expect(try extra(row) == "repeated_field \u{FFFD}")
    }

    @Test(arguments: [
        (#"[{"a":"\ud800"}]"#, #"[{"a":"\ufffd"}]"#), (#""\u0000""#, #""\ufffd""#),
    ])
    func whatWarehousesRefuseIsReplacedInJSONColumns(raw: String, expected: String) throws {
        let found = try RawRows(fields: fields).transform(
            [["id": "1", "time": "1", "notes": raw]], columns: .native)
        #expect(found.column("notes") == [expected])
    }

    @Test func nativeExtraHoldsOnlyUnknownFields() throws {
        #expect(
            try extra(
                ["id": "1", "userid": "2", "u": "3", "time": "1", "notes": #"[{"x":1}]"#],
                columns: .native) == #"{"u":3}"#)
    }

    @Test(arguments: [("u", "u"), ("u", #"\u0075"#), (#"\u0075"#, #"\u0075"#)])
    func unknownFieldNamedTwiceIsAReject(first: String, second: String) throws {
        let row: RawRows.Row = ["id": "1", first: "1", "time": "1", "v": "2", second: "1"]
        #expect(try extra(row) == "repeated_field u")
    }

    @Test func manyUnknownFieldsAreComparedToo() throws {
        let rows = RawRows(fields: fields)
        var page = rows.page([["id": "1", "time": "1"]])
        func add(_ name: String) {
            let start = page.body.count
            page.body += Array("\"\(name)\"1".utf8)
            let value = RawCell(
                kind: .number, position: UInt16(page.unknownFields.count + 2),
                offset: UInt32(page.body.count - 1), byteCount: 1)
            page.unknownFields.append(
                UnknownField(row: 0, name: start..<page.body.count - 1, value: value))
        }
        for index in 0..<1_000 { add("f\(index)") }
        #expect(
            try rows.transformer(.unified).transform(RawRows.slice([page])).rejects.isEmpty)
        add("f500")
        let found = try rows.transformer(.unified).transform(RawRows.slice([page]))
        #expect(found.rejects.map(\.field) == ["f500"])
    }

    @Test func documentedExtraFieldNamedTwiceIsAReject() throws {
        #expect(
            try extra(["id": "1", "userid": "1", "time": "1", "userid": "1"])
                == "repeated_field userid")
    }

    @Test func fieldsOfExtraKeepAnyValue() throws {
        #expect(
            try extra(["id": "1", "time": "1", "userid": "[ true ]"]) == #"{"userid":[true]}"#)
    }

    // MARK: Notes

    @Test(arguments: [
        (#"[{"msg":"Hi","date":1639554230141,"agent":"101_1"}]"#, "Hi|1639554230141|101_1"),
        (
            #"[ { "agent" : "b" , "msg" : "a\n\"" } , { "date" : "5" } ]"#,
            "a\n\"|null|b;null|5|null"
        ),
        (#"[{"m\u0073g":7,"date":null,"agent":null,}]"#, "7|null|null"), ("[{}]", "null|null|null"),
        ("[]", "null"), ("[ ]", "null"), ("null", "null"), ("{}", "wrong_type"),
        ("7", "wrong_type"),
        (#""x""#, "wrong_type"), ("[7]", "wrong_type"), ("[[]]", "wrong_type"),
        ("[null]", "wrong_type"),
        (#"[{"msg":{}}]"#, "wrong_type"), (#"[{"msg":true}]"#, "wrong_type"),
        (#"[{"agent":[]}]"#, "wrong_type"), (#"[{"date":false}]"#, "wrong_type"),
        (#"[{"date":"soon"}]"#, "malformed_value"), (#"[{"date":1.5}]"#, "does_not_fit"),
        (#"[{"msg":"\ud83d","agent":"\u0000x"}]"#, "\u{FFFD}|null|\u{FFFD}x"),
        (#"[{"msg":"a","msg":"a"}]"#, "repeated_field"),
        (#"[{"date":null,"date":1}]"#, "repeated_field"),
    ])
    func notesAreListsOfTheirParts(raw: String, expected: String) throws {
        let found = try RawRows(fields: fields).transform(
            [["id": "1", "time": "1", "notes": raw], ["id": "2", "time": "2"]], columns: .unified)
        if let reject = found.rejects.first {
            #expect(reject.reason.rawValue == expected)
            #expect(reject.field == "notes")
            #expect(found.column("call_id") == ["2"])
        } else {
            #expect(found.column("notes") == [expected, "null"])
            #expect(found.column("extra") == ["null", "null"])
        }
    }

    @Test func notesWithFurtherPartsAlsoStayInExtra() throws {
        let notes = #"[{"msg":"a"}, {"msg":"b","by":{"x":"]"}}]"#
        #expect(
            try extra(["id": "1", "u": "1", "notes": notes, "time": "1", "v": "2"])
                == #"{"u":1,"notes":[{"msg":"a"},{"msg":"b","by":{"x":"]"}}],"v":2}"#)
    }
}
