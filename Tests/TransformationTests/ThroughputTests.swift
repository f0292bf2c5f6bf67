import ExportModel
import Foundation
import Testing
import Transformation

/// `BENCHMARK=1 swift test -c release --filter Throughput` prints figures; nothing is asserted.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["BENCHMARK"] != nil))
struct ThroughputTests {
    private let userCalls = RawRows(
        fields: [
            Field(name: "id", type: .text, column: .callID, isRequired: true),
            Field(name: "duration", type: .int, column: .durationSeconds),
            Field(
                name: "notes", type: .json, column: .notes,
                notes: NoteFields(message: "msg", createdAt: "date", agent: "agent")),
            Field(name: "to", type: .digits, column: .toNumber),
            Field(name: "time", type: .epochMilliseconds, column: .startedAt, isRequired: true),
            Field(name: "from", type: .digits, column: .fromNumber),
            Field(name: "billedsec", type: .int, column: .billedSeconds),
            Field(name: "rate", type: .decimal(precision: 18, scale: 6), column: .rate),
            Field(name: "name", type: .text, column: .contactName, sentinels: ["unknown"]),
        ],
        constants: [
            ConstantColumn(column: .direction, value: .text("outbound")),
            ConstantColumn(column: .status, value: .text("missed")),
        ])

    private func userCall(_ row: Int) -> RawRows.Row {
        [
            "id": "\"834a35bb-733a-4839-8338-\(900_000_000_000 + row)\"", "duration": "\(row % 60)",
            "billedsec": "\(row % 50)", "rate": "0.0231", "name": "\"unknown\"",
            "from": "\"55000000\(1_000 + row)\"", "to": "6140000\(1_000 + row)",
            "time": "\(1_654_182_968_809 + row)",
        ]
    }

    private let bills = RawRows(
        fields: [
            Field(name: "id", type: .digits, column: .callID, isRequired: true),
            Field(name: "extnumber", type: .digits, column: .agent, sentinels: [""]),
            Field(name: "destnumber", type: .digits, column: .toNumber, sentinels: [""]),
            Field(
                name: "time", type: .localDateTime, column: .startedAt, isRequired: true,
                sentinels: ["", "1970-01-01 08:00:00"]),
            Field(
                name: "answertime", type: .localDateTime, column: .answeredAt,
                sentinels: ["", "1970-01-01 08:00:00"]),
            Field(name: "billsec", type: .int, column: .billedSeconds, sentinels: [""]),
            Field(
                name: "direction", type: .text, column: .direction, sentinels: [""],
                translation: Translation(
                    values: ["callin": "inbound", "callout": "outbound"], others: .reject)),
            Field(
                name: "callmethod", type: .int, column: .callMethod, sentinels: [""],
                translation: Translation(
                    values: ["1": "internal", "2": "manual", "6": "ivr"], others: .keep)),
            Field(name: "userid", type: .text), Field(name: "memberid", type: .text),
            Field(
                name: "hangupdirection", type: .int, column: .hangupBy, sentinels: [""],
                translation: Translation(
                    values: ["10040": "caller", "10041": "callee"], others: .null),
                staysInExtra: true),
        ],
        constants: [
            ConstantColumn(
                column: .status,
                value: .presence(field: "answertime", present: "answered", absent: "missed"))
        ])

    private func bill(_ row: Int) -> RawRows.Row {
        [
            "id": "\(22_670 + row)", "extnumber": "\"\"", "destnumber": "\"1338752\(1_000 + row)\"",
            "time": "\"2019-09-27 14:58:37\"", "answertime": "\"2019-09-27 14:58:57\"",
            "billsec": "\(row % 50)", "direction": "\"callout\"", "callmethod": "6",
            "userid": "\"0\"", "memberid": "\"0\"", "hangupdirection": "10041",
        ]
    }

    @Test func throughputOfUserCalls() throws {
        try measure("user calls", userCalls, pageRows: 1_000, userCall)
        try measure("user calls", userCalls, pageRows: 10, userCall)
    }

    @Test func throughputOfBills() throws {
        try measure("bills", bills, pageRows: 1_000, bill)
    }

    private func measure(
        _ name: String, _ rows: RawRows, pageRows: Int, _ row: (Int) -> RawRows.Row
    ) throws {
        let pages = (0..<(10_000 / pageRows)).map { page in
            rows.page((0..<pageRows).map { row(page * pageRows + $0) }, number: page + 1)
        }
        let slice = RawRows.slice(pages)
        let transformer = try rows.transformer(.unified)
        var rowCount = 0
        let rounds = 50
        let start = clock()
        for _ in 0..<rounds { rowCount += try transformer.transform(slice).batch.rowCount }
        #expect(rowCount == rounds * 10_000)
        // Processor time, so that a busy machine does not change the figure.
        let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
        let byteCount = pages.reduce(0) { $0 + $1.body.count } * rounds
        print(
            "transform \(name), \(pageRows) a page: \(Int(seconds * 1e9 / Double(rowCount))) ns a "
                + "row, \(Int(Double(byteCount) / seconds / 1e6)) MB/s")
    }
}
