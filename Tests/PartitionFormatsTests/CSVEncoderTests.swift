import ExportModel
import Testing

@testable import PartitionFormats

@Suite struct CSVEncoderTests {
    private func csv(
        _ columns: [(String, ColumnType)], _ rows: [[TestCell]], _ csv: CSVOptions = CSVOptions(),
        timestamps: TimestampStyle = .iso8601
    ) throws -> String {
        try TestTable.encode(
            TestTable.batch(columns, rows), CSVEncoder.self,
            TestTable.options(timestamps: timestamps, csv: csv))
    }

    /// One text value between two others, as it stands in the record.
    private func cell(_ value: TestCell, _ options: CSVOptions = CSVOptions()) throws -> String {
        let text = try csv(
            [("a", .text), ("b", .text), ("c", .text)], [[.text("x"), value, .text("y")]], options)
        let delimiter = String(UnicodeScalar(options.delimiter))
        let body = text.dropFirst("a,b,c\n".count)
        return String(body.dropFirst("x\(delimiter)".count).dropLast("\(delimiter)y\n".count))
    }

    @Test(arguments: [
        ("plain", "plain"),
        ("", "\"\""),
        ("a,b", "\"a,b\""),
        ("say \"hi\"", "\"say \"\"hi\"\"\""),
        ("\"", "\"\"\"\""),
        ("\"\"", "\"\"\"\"\"\""),
        ("two\nlines", "\"two\nlines\""),
        ("carriage\rreturn", "\"carriage\rreturn\""),
        (" leading and trailing ", " leading and trailing "),
        ("semi;colon\tand tab", "semi;colon\tand tab"),
        ("żółw 🐢", "żółw 🐢"),
    ])
    func textIsQuotedWhereRFC4180WantsIt(value: String, expected: String) throws {
        #expect(try cell(.text(value)) == expected)
    }

    /// Values are looked at together, eight bytes at a time.
    @Test(arguments: [",", "\"", "\n", "\r"])
    func aSpecialByteIsSeenWhereverItStands(special: String) throws {
        for place in 0..<40 {
            let value = String(repeating: "x", count: place) + special
            let expected = value.replacing("\"", with: "\"\"")
            let rows: [[TestCell]] = [[.text("before")], [.text(value)], [.text("after")]]
            #expect(
                try csv([("a", .text)], rows) == "a\nbefore\n\"\(expected)\"\nafter\n")
        }
    }

    /// Columns without any value are not walked.
    @Test func columnsOfNullsKeepTheirPlaces() throws {
        let columns: [(String, ColumnType)] = [
            ("a", .text), ("b", .int), ("c", .notes), ("d", .text), ("e", .bool),
        ]
        let rows: [[TestCell]] = [
            [.null, .number(1), .null, .text("x"), .null], [.null, .null, .null, .null, .null],
        ]
        #expect(try csv(columns, rows) == "a,b,c,d,e\n,1,,x,\n,,,,\n")
        #expect(
            try csv(columns, rows, CSVOptions(null: "-")) == "a,b,c,d,e\n-,1,-,x,-\n-,-,-,-,-\n")
        #expect(try csv(columns, [rows[1]]) == "a,b,c,d,e\n,,,,\n")
    }

    @Test func nullIsEmptyAndTheEmptyStringIsQuoted() throws {
        #expect(try cell(.null) == "")
        #expect(try cell(.text("")) == "\"\"")
    }

    @Test func nullTextStandsForNullAndAnEqualValueIsQuoted() throws {
        let options = CSVOptions(null: "NULL")
        #expect(try cell(.null, options) == "NULL")
        #expect(try cell(.text("NULL"), options) == "\"NULL\"")
        #expect(try cell(.text("NULLS"), options) == "NULLS")
        #expect(try cell(.text(""), options) == "\"\"")
    }

    @Test func delimiterIsWhatNeedsQuotes() throws {
        let options = CSVOptions(delimiter: UInt8(ascii: ";"))
        #expect(try cell(.text("a;b"), options) == "\"a;b\"")
        #expect(try cell(.text("a,b"), options) == "a,b")
    }

    @Test func emptyOnlyFieldIsQuoted() throws {
        #expect(try csv([("a", .text)], [[.null], [.text("")]]) == "a\n\"\"\n\"\"\n")
        #expect(
            try csv([("a", .text)], [[.null], [.text("")]], CSVOptions(null: "-"))
                == "a\n-\n\"\"\n")
    }

    @Test func headerIsQuotedLikeTextAndCanBeLeftOut() throws {
        let columns: [(String, ColumnType)] = [("a,b", .text), ("c", .int)]
        #expect(try csv(columns, [[.text("x"), .number(1)]]) == "\"a,b\",c\nx,1\n")
        #expect(try csv(columns, []) == "\"a,b\",c\n")
        #expect(
            try csv(columns, [[.text("x"), .number(1)]], CSVOptions(hasHeader: false)) == "x,1\n")
    }

    @Test func carriageReturnLineFeedEndsRecordsWhereAsked() throws {
        #expect(
            try csv([("a", .int), ("b", .int)], [[.number(1), .null]], CSVOptions(newline: .crlf))
                == "a,b\r\n1,\r\n")
    }

    @Test(arguments: [
        (Int64(0), "0"), (600_000, "0.6"), (1_135_140_000, "1135.14"), (-1, "-0.000001"),
        (1_000_000, "1"), (-12_500_000, "-12.5"), (10_000_000, "10"), (100, "0.0001"),
        (999_999_999_999_999_999, "999999999999.999999"),
        (-999_999_999_999_999_999, "-999999999999.999999"),
    ])
    func decimalIsPlainWithoutTrailingZeros(unscaled: Int64, expected: String) throws {
        let text = try csv(
            [("d", .decimal(precision: 18, scale: 6)), ("e", .text)],
            [[.number(unscaled), .null]])
        #expect(text == "d,e\n\(expected),\n")
    }

    @Test(arguments: [Int64(0), 1, -1, 10, 2_147_483_647, -2_147_483_648, .max, .min])
    func integerIsItsDigits(value: Int64) throws {
        #expect(
            try csv([("i", .int), ("e", .text)], [[.number(value), .null]]) == "i,e\n\(value),\n")
    }

    @Test func timestampsAreISO8601OrMilliseconds() throws {
        let columns: [(String, ColumnType)] = [("t", .timestamp), ("u", .timestamp)]
        let rows: [[TestCell]] = [[.number(1_654_182_968_809), .null], [.number(-1), .number(0)]]
        #expect(
            try csv(columns, rows) == """
                t,u
                2022-06-02T15:16:08.809Z,
                1969-12-31T23:59:59.999Z,1970-01-01T00:00:00.000Z

                """)
        #expect(
            try csv(columns, rows, timestamps: .epochMilliseconds)
                == "t,u\n1654182968809,\n-1,0\n")
    }

    @Test(arguments: [TimestampStyle.iso8601, .epochMilliseconds])
    func datesAreTextInEveryStyle(style: TimestampStyle) throws {
        #expect(
            try csv(
                [("d", .date), ("e", .date)],
                [[.number(20_453), .null], [.number(-1), .number(11_016)]], timestamps: style)
                == "d,e\n2025-12-31,\n1969-12-31,2000-02-29\n")
    }

    @Test func booleansAreWords() throws {
        #expect(
            try csv(
                [("a", .bool), ("b", .bool), ("c", .bool)], [[.bool(true), .bool(false), .null]])
                == "a,b,c\ntrue,false,\n")
    }

    @Test func valueThatHoldsAnOddDelimiterIsQuotedWhateverItsType() throws {
        let columns: [(String, ColumnType)] = [
            ("t", .timestamp), ("d", .decimal(precision: 18, scale: 6)), ("b", .bool),
        ]
        let rows: [[TestCell]] = [[.number(0), .number(1_500_000), .bool(true)]]
        #expect(
            try csv(columns, rows, CSVOptions(delimiter: UInt8(ascii: ":")))
                == "t:d:b\n\"1970-01-01T00:00:00.000Z\":1.5:true\n")
        #expect(
            try csv(columns, rows, CSVOptions(delimiter: UInt8(ascii: "."), hasHeader: false))
                == "\"1970-01-01T00:00:00.000Z\".\"1.5\".true\n")
    }

    @Test func numberThatEqualsTheNullTextIsQuoted() throws {
        #expect(
            try csv(
                [("a", .int), ("b", .int), ("c", .int)], [[.number(0), .null, .number(10)]],
                CSVOptions(null: "0")) == "a,b,c\n\"0\",0,10\n")
    }

    @Test func jsonAndNotesAreJSONTextInACell() throws {
        let text = try csv(
            [("extra", .json), ("notes", .notes)],
            [
                [
                    .text(#"{"a":1.50,"b":"x"}"#),
                    .notes([("Call \"back\"", 1_639_572_630_141, "101"), (nil, nil, nil)]),
                ],
                [.text("[]"), .notes([])], [.null, .null],
            ])
        #expect(
            text == #"""
                extra,notes
                "{""a"":1.50,""b"":""x""}","[{""message"":""Call \""back\"""",\#
                ""created_at"":""2021-12-15T12:50:30.141Z"",""agent"":""101""},\#
                {""message"":null,""created_at"":null,""agent"":null}]"
                [],[]
                ,

                """#)
    }

    @Test func tableOfEveryTypeMatchesTheGolden() throws {
        let batch = TestTable.batch(
            [
                ("call_id", .text), ("started_at", .timestamp), ("duration_seconds", .int),
                ("rate", .decimal(precision: 18, scale: 6)), ("recorded", .bool),
                ("extra", .json), ("notes", .notes),
            ],
            [
                [
                    .text("a-1"), .number(1_654_182_968_809), .number(17), .number(600_000),
                    .bool(true), .text(#"{"agent":"x"}"#),
                    .notes([("hi, there", 1_639_572_630_141, nil)]),
                ],
                [.text(""), .number(0), .null, .number(0), .bool(false), .null, .null],
            ])
        #expect(
            try TestTable.encode(batch, CSVEncoder.self, TestTable.options()) == #"""
                call_id,started_at,duration_seconds,rate,recorded,extra,notes
                a-1,2022-06-02T15:16:08.809Z,17,0.6,true,"{""agent"":""x""}",\#
                "[{""message"":""hi, there"",""created_at"":""2021-12-15T12:50:30.141Z"",""agent"":null}]"
                "",1970-01-01T00:00:00.000Z,,0,false,,

                """#)
    }
}
