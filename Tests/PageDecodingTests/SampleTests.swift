import ExportModel
import PageDecoding
import Testing

/// The documents' own responses, value by value.
@Suite struct SampleTests {
    private func table(
        _ body: String, fields: [String], rows: String, captures: [String]
    ) throws -> (rows: [String], captures: [String], hasTrailingComma: Bool) {
        let decoded = try decode(body, fields: fields, rows: rows, captures: captures)
        #expect(decoded.page.unknownFields.isEmpty)
        let rows = decoded.page.rows.indices.map { row in
            (0..<fields.count).map { field in
                let cell = decoded.page.cell(row: row, field: field)
                return cell.kind == .missing
                    ? "-" : String(decoding: decoded.page.body[cell.range], as: UTF8.self)
            }.joined(separator: " ")
        }
        return (rows, decoded.captures.map { $0?.text ?? "-" }, decoded.hasTrailingComma)
    }

    @Test func outanswered() throws {
        let found = try table(
            Samples.outanswered,
            fields: [
                "_id", "to", "time", "from", "agent", "billedsec", "rate", "record", "filename",
                "name",
            ], rows: "cdr", captures: ["total", "code", "error"])
        #expect(
            found.rows == [
                #""5d9df5b97a2b952710b030dd" 9100000000 1570633217848 "209_1111113" - 17 "#
                    + #""0.6" "true" "157063321784855021379679261_1111113.mp3" "unknown""#,
                #""5d9df5097a2b952710b030d8" 9200000000 1570633054497 "208_1111113" - 3 "#
                    + #""0.6" "true" "157063305449713703081057884_1111113.mp3" "unknown""#,
                #""5d9df556362b8f1430593411" 9300000000 1570632951992 "206_1111113" - 30 "#
                    + #""0.6" "true" "157063295199223390097444834_1111113.mp3" "unknown""#,
            ])
        #expect(found.captures == ["3", "200", "-"])
        #expect(!found.hasTrailingComma)
    }

    @Test func agentOutMissedHasATrailingComma() throws {
        let found = try table(
            Samples.agentOutMissed,
            fields: ["_id", "to", "time", "from", "billedsec", "rate", "name"], rows: "cdr",
            captures: ["count", "code"])
        #expect(found.hasTrailingComma)
        #expect(found.rows.count == 5)
        #expect(
            found.rows.first
                == #""5d96c6e920837a1998da13ea" 9100000000 1570162545485 "#
                + #""103_1111113" 0 "0.0000" "unknown""#
        )
        #expect(
            found.rows.last
                == #""5d960ecc3e23420b5f1fa2cd" 9500000000 1570115274135 "#
                + #""103_1111113" 0 "0.0000" "Adams""#
        )
        #expect(found.captures == ["8", "200"])
    }

    @Test func userOutMissedHasTenRowsAndNotesOnTwo() throws {
        let found = try table(
            Samples.userOutMissed,
            fields: ["cmiuid", "duration", "billedsec", "rate", "name", "from", "to", "time"]
                + ["notes"], rows: "cdr", captures: ["count", "code"])
        #expect(found.rows.count == 10)
        #expect(
            found.rows.first
                == #""834a35bb-733a-4839-8338-9939143ac7cc" 0 0 0 "unknown" "#
                + #""550000000000" 61400000000 1654182968809 -"#
        )
        #expect(found.rows.filter { !$0.hasSuffix(" -") }.count == 2)
        #expect(found.rows[1].contains(#""msg": "Regarding the order status","#))
        #expect(found.captures == ["123", "200"])
    }

    @Test func requestIDCDRHasTwoLegs() throws {
        let found = try table(
            Samples.requestIDCDR,
            fields: [
                "duration", "balance", "rate", "from", "to", "time", "leg", "direction", "status",
            ], rows: "cdr", captures: ["count", "code"])
        #expect(
            found.rows == [
                #"4 1135.14 0.39 4471000000 9100000000 1637069609000 "b" "outbound" "answered""#,
                #"10 1134.75 0.39 4471000000 9200000000 1637069609000 "a" "outbound" "answered""#,
            ])
        #expect(found.captures == ["2", "200"])
    }

    @Test func getBill() throws {
        let found = try table(
            Samples.getBill,
            fields: [
                "id", "extnumber", "destnumber", "displaynumber", "starttime", "answertime",
                "endtime", "duration", "billsec", "direction", "callmethod", "userid", "memberid",
                "chengshudu", "customuuid", "recordfilename", "downloadip", "hangupdirection",
                "hangupcause", "userkey",
            ], rows: "data.result.bills",
            captures: [
                "ret", "data.status", "data.desc", "data.result.totalitems", "msg",
                "data.errors.code",
            ])
        #expect(
            found.rows == [
                #"22670 "" "13387525701" "2190170001" "2019-09-27 14:58:37" null "#
                    + #""2019-09-27 14:59:05" 28 0 "callout" 6 "0" "0" "0" "0" "" "" 10041 10020 "#
                    + ##""#""##
            ])
        #expect(found.captures == ["200", "0", "get success", "8151", "", "-"])
    }

    /// Commo's error bodies have a list where `data` is an object on success.
    @Test func listInPlaceOfAnObjectHidesWhatLiesBelow() throws {
        let decoded = try decode(
            #"{"ret":600,"data":[],"msg":"token"}"#, rows: "data.result.bills",
            captures: ["ret", "data.status", "msg"])
        #expect(decoded.rowsKind == .absent)
        #expect(decoded.captures.map { $0?.text } == ["600", nil, "token"])
    }
}
