import ExportModel
import Foundation
import Testing

@testable import PartitionFormats

@Suite struct NDJSONEncoderTests {
    private func ndjson(
        _ columns: [(String, ColumnType)], _ rows: [[TestCell]],
        timestamps: TimestampStyle = .iso8601
    ) throws -> String {
        try TestTable.encode(
            TestTable.batch(columns, rows), NDJSONEncoder.self,
            TestTable.options(format: .ndjson, timestamps: timestamps))
    }

    @Test func everyColumnIsPresentAndNullIsNull() throws {
        let columns: [(String, ColumnType)] = [
            ("a", .text), ("b", .int), ("c", .decimal(precision: 18, scale: 6)), ("d", .bool),
            ("e", .timestamp), ("f", .json), ("g", .notes),
        ]
        #expect(
            try ndjson(columns, [[TestCell](repeating: .null, count: 7)])
                == #"{"a":null,"b":null,"c":null,"d":null,"e":null,"f":null,"g":null}"# + "\n")
    }

    @Test(arguments: [
        ("plain", #""plain""#), ("", #""""#), ("\"\\", #""\"\\""#), ("a\nb\tc\r", #""a\nb\tc\r""#),
        ("\u{1}\u{1F}", #""\u0001\u001f""#), ("żółw 🐢 </script>", #""żółw 🐢 </script>""#),
    ])
    func textIsEscapedOnlyWhereJSONWantsIt(value: String, expected: String) throws {
        #expect(try ndjson([("a", .text)], [[.text(value)]]) == "{\"a\":\(expected)}\n")
    }

    @Test func numbersAreTokensAndJSONIsNested() throws {
        let columns: [(String, ColumnType)] = [
            ("rate", .decimal(precision: 18, scale: 6)), ("n", .int), ("extra", .json),
            ("notes", .notes), ("ok", .bool),
        ]
        let rows: [[TestCell]] = [
            [
                .number(1_135_140_000), .number(-5), .text(#"{"b":1.50,"a":[]}"#),
                .notes([("m", 1_639_572_630_141, nil), (nil, nil, "7")]), .bool(true),
            ]
        ]
        let shared = #"{"rate":1135.14,"n":-5,"extra":{"b":1.50,"a":[]},"notes":[{"message":"m","#
        #expect(
            try ndjson(columns, rows) == shared
                + #""created_at":"2021-12-15T12:50:30.141Z","agent":null},"#
                + #"{"message":null,"created_at":null,"agent":"7"}],"ok":true}"# + "\n")
        #expect(
            try ndjson(columns, rows, timestamps: .epochMilliseconds) == shared
                + #""created_at":1639572630141,"agent":null},"#
                + #"{"message":null,"created_at":null,"agent":"7"}],"ok":true}"# + "\n")
    }

    @Test func timestampsAreTextOrNumbers() throws {
        #expect(
            try ndjson([("t", .timestamp)], [[.number(0)]])
                == "{\"t\":\"1970-01-01T00:00:00.000Z\"}\n")
        #expect(
            try ndjson([("t", .timestamp)], [[.number(0)]], timestamps: .epochMilliseconds)
                == "{\"t\":0}\n")
    }

    @Test(arguments: [TimestampStyle.iso8601, .epochMilliseconds])
    func datesAreTextInEveryStyle(style: TimestampStyle) throws {
        #expect(
            try ndjson(
                [("d", .date)], [[.number(20_453)], [.null], [.number(-1)]], timestamps: style)
                == "{\"d\":\"2025-12-31\"}\n{\"d\":null}\n{\"d\":\"1969-12-31\"}\n")
    }

    @Test func columnNamesAreEscaped() throws {
        #expect(try ndjson([("a\"b", .int)], [[.number(1)]]) == #"{"a\"b":1}"# + "\n")
    }

    @Test func foreignReaderParsesEveryLine() throws {
        let text = try ndjson(
            [("a", .text), ("b", .decimal(precision: 18, scale: 6))],
            [[.text("x\u{0}\u{7F}\u{2028}"), .number(1)], [.text("\"}\n{"), .number(-1)]])
        let lines = text.split(separator: "\n")
        #expect(lines.count == 2)
        for line in lines { _ = try JSONSerialization.jsonObject(with: Data(line.utf8)) }
    }

    /// Columns without any value are not walked.
    @Test func columnsOfNullsKeepTheirPlaces() throws {
        let columns: [(String, ColumnType)] = [("a", .text), ("b", .int), ("c", .notes)]
        #expect(
            try ndjson(columns, [[.null, .number(1), .null], [.null, .null, .null]])
                == "{\"a\":null,\"b\":1,\"c\":null}\n{\"a\":null,\"b\":null,\"c\":null}\n")
        #expect(
            try ndjson(columns, [[.null, .null, .null]])
                == "{\"a\":null,\"b\":null,\"c\":null}\n")
    }
}
