import ExportModel
import Testing

@testable import Transformation

@Suite struct RowExpanderTests {
    private func field(
        _ name: String, _ sources: String..., type: FieldType = .text, column: UnifiedColumn? = nil,
        isRequired: Bool = false
    ) throws -> Field {
        Field(
            name: name, sources: try sources.map { try #require(JSONPath(parsing: $0)) },
            type: type,
            column: column, isRequired: isRequired)
    }

    /// A conversation with participants, and their segments.
    private func rows(_ more: [Field] = []) throws -> RawRows {
        RawRows(
            fields: [
                try field("id", "id", column: .callID, isRequired: true),
                try field(
                    "time", "time", type: .epochMilliseconds, column: .startedAt, isRequired: true),
                try field("purpose", "parts[].purpose", column: .agent),
                try field("segment", "parts[].segments[].type", column: .callMethod),
                try field("seconds", "parts[].segments[].s", type: .int, column: .durationSeconds),
            ] + more,
            expand: JSONPath(parsing: "parts[].segments[]"))
    }

    private func table(
        _ rows: RawRows, _ parts: String,
        names: [String] = [
            "call_id", "leg", "agent", "call_method", "duration_seconds", "extra",
        ], others: RawRows.Row = [:]
    ) throws -> [String] {
        let row = RawRows.Row(
            dictionaryLiteral: ("id", "\"c\""), ("time", "7"), ("parts", parts))
        let whole = try rows.transform([row], columns: .unified)
        if !whole.rejects.isEmpty { return whole.rejectLines }
        return (0..<whole.batch.rowCount).map { place in
            names.map { whole.column($0)[place] }.joined(separator: " ")
        }
    }

    @Test(
        arguments: [
            (
                #"[{"purpose":"a","segments":[{"type":"x","s":1},{"type":"y","s":2}]}]"#,
                ["c 1 a x 1 null", "c 2 a y 2 null"]
            ),
            (
                #"[{"purpose":"a","segments":[{"type":"x"}]},{"segments":[{"s":"3"}],"purpose":"b"}]"#,
                ["c 1 a x null null", "c 2 b null 3 null"]
            ),
            // An element without segments, and records without elements, are one row each.
            (
                #"[{"purpose":"a"},{"purpose":"b","segments":[]},{"segments":null},{"segments":[{}]}]"#,
                [
                    "c 1 a null null null", "c 2 b null null null", "c 3 null null null null",
                    "c 4 null null null null",
                ]
            ),
            ("[]", ["c null null null null null"]), ("null", ["c null null null null null"]),
            // One object in place of a list.
            (#"{"purpose":"a","segments":{"type":"x"}}"#, ["c 1 a x null null"]),
            // What fills no cell keeps its path.
            (
                #"[{"purpose":"a","name":"N","segments":[{"type":"x","wrap":{"k":[1 ,2]}}]}]"#,
                [#"c 1 a x null {"parts[].name":"N","parts[].segments[].wrap":{"k":[1,2]}}"#]
            ),
            (
                #"["stray",{"segments":[7]}]"#,
                [
                    #"c 1 null null null {"parts[]":"stray"}"#,
                    #"c 2 null null null {"parts[].segments[]":7}"#,
                ]
            ),
            (#""none""#, [#"c null null null null {"parts[]":"none"}"#]),
            (#"[{"segments":"none"}]"#, [#"c 1 null null null {"parts[].segments":"none"}"#]),
            (#"[{"pur\u0070ose":"\u0061","segments":[{"type":"x"}]}]"#, ["c 1 a x null null"]),
        ] as [(String, [String])])
    func everyInnermostElementIsARow(parts: String, expected: [String]) throws {
        #expect(try table(try rows(), parts) == expected)
    }

    @Test func aRecordIsSetAsideWholeAndOnce() throws {
        let parts = #"[{"segments":[{"s":1},{"s":"many"},{"s":"more"}]}]"#
        let whole = try rows().transform([
            ["id": "\"a\"", "time": "1", "parts": "[{},{}]"],
            ["id": "\"b\"", "time": "2", "parts": parts],
            ["id": "\"c\"", "time": "3", "parts": "[]"],
        ])
        #expect(whole.column("id") == ["a", "a", "c"])
        #expect(whole.rejects.count == 1)
        #expect(
            try table(try rows(), parts)
                == ["malformed_value seconds 1 {\"id\":\"c\",\"time\":7,\"parts\":\(parts)}"])
    }

    @Test(arguments: [
        #"[{"purpose":"a","purpose":"b"}]"#, #"[{"segments":[{"s":1,"s":2}]}]"#,
        #"[{"segments":[{"s":1}],"segments":[{"s":2}]}]"#,
    ])
    func repeatedMembersAreNotGuessed(parts: String) throws {
        let found = try table(try rows(), parts)
        #expect(found.count == 1 && found[0].hasPrefix("repeated_field"), "\(found)")
    }

    @Test func unknownMemberTwiceIsAReject() throws {
        let found = try table(try rows(), #"[{"x":1,"x":2}]"#)
        #expect(found.map { String($0.prefix(24)) } == ["repeated_field parts[].x"])
        // The record's own member of that name, and that of another level, are others.
        let other = try table(try rows(), #"[{"x":1,"segments":[{"x":2}]}]"#)
        #expect(
            other == [#"c 1 null null null {"parts[].x":1,"parts[].segments[].x":2}"#])
    }

    @Test func alternativesMayLieAtEveryLevel() throws {
        let more = [
            try field("number", "parts[].segments[].ani", "parts[].ani", "ani", column: .fromNumber)
        ]
        let parts =
            #"[{"ani":"p","segments":[{"ani":"s"},{"ani":null},{}]},{"segments":[{}]}]"#
        let raw = try rows(more)
        let row: RawRows.Row = [
            "id": "\"c\"", "time": "7", "ani": "\"r\"", "parts": parts,
        ]
        let whole = try raw.transform([row], columns: .unified)
        #expect(whole.rejectLines == [])
        #expect(whole.column("from_number") == ["s", "p", "p", "r"])
    }

    @Test func membersInsideElementsMayNest() throws {
        let raw = RawRows(
            fields: [
                try field("id", "id", column: .callID, isRequired: true),
                try field(
                    "time", "time", type: .epochMilliseconds, column: .startedAt, isRequired: true),
                try field("name", "legs[].user.name", column: .contactName),
                try field("first", "legs[].to[0].n", column: .toNumber),
            ], expand: JSONPath(parsing: "legs[]"))
        let legs =
            #"[{"user":{"name":"x"},"to":[{"n":"1"}]},{"user":{"name":"y","id":5},"to":[{"n":2},3]}]"#
        let whole = try raw.transform(
            [["z": "1", "id": "\"c\"", "time": "7", "legs": legs, "y": "2"]], columns: .unified)
        #expect(whole.column("contact_name") == ["x", "y"])
        #expect(whole.column("to_number") == ["1", "2"])
        #expect(
            whole.column("extra") == [
                #"{"z":1,"y":2}"#,
                #"{"z":1,"legs[].user":{"name":"y","id":5},"legs[].to":[{"n":2},3],"y":2}"#,
            ])
    }

    /// Rows keep the records' order, whatever the size of batches, and each its own hash.
    @Test func manyRecordsKeepTheirOrder() throws {
        let raw = try rows()
        let records = (0..<700).map { index -> RawRows.Row in
            let segments = (0..<index % 4).map { "{\"s\":\($0)}" }.joined(separator: ",")
            return [
                "id": "\"\(index)\"", "time": "\(index)",
                "parts": "[{\"segments\":[\(segments)]}]",
            ]
        }
        var slice = RawRows.slice([
            raw.page(Array(records[..<300])), raw.page(Array(records[300...]), number: 2),
        ])
        slice.rows.sort { ($0.row, $0.page) < ($1.row, $1.page) }
        slice.keyHashes = slice.rows.map { UInt64($0.page) << 32 | UInt64($0.row) + 1 }
        var found: [[String]] = []
        for batchRowCount in [64, 4_096] {
            var transformer = try raw.transformer(.unified)
            transformer.batchRowCount = batchRowCount
            var ids: [String] = []
            var hashes: [UInt64] = []
            let rest = transformer.transform(slice) { rows in
                let whole = WholeSlice(
                    rows: rows,
                    rest: TransformedSlice(
                        rejects: [], firstStartedAt: nil, lastStartedAt: nil, occurringFields: []))
                ids += zip(whole.column("call_id"), whole.column("leg")).map { "\($0) \($1)" }
                hashes += rows.keyHashes
            }
            #expect(rest.rejects.isEmpty && rest.lastStartedAt?.epochMilliseconds == 699)
            #expect(rest.occurringFields == [0, 1, 4])
            #expect(hashes.count == ids.count && Set(hashes).count == hashes.count)
            found.append(ids)
        }
        #expect(found[0] == found[1])
        #expect(found[0].count == (0..<700).reduce(0) { $0 + max($1 % 4, 1) })
        #expect(Set(found[0]).count == found[0].count)
    }

    @Test func nativeColumnsKeepWhatDurationsLose() throws {
        var seconds = Field(
            name: "seconds", type: .duration(.milliseconds), column: .durationSeconds)
        seconds.staysInExtra = true
        let raw = RawRows(fields: [
            Field(name: "id", type: .text, column: .callID),
            Field(name: "time", type: .epochMilliseconds, column: .startedAt), seconds,
        ])
        for columns in [ColumnSelection.native, .unified] {
            let whole = try raw.transform(
                [["id": "1", "time": "1", "seconds": "76460"]], columns: columns)
            #expect(whole.column(columns == .native ? "seconds" : "duration_seconds") == ["76"])
            #expect(whole.column("extra") == [#"{"seconds":76460}"#])
        }
    }
}
