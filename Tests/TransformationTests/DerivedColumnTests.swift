import ExportModel
import Foundation
import Testing

@testable import Transformation

@Suite struct DerivedColumnTests {
    private static let fields = [
        Field(name: "id", type: .text, column: .callID, isRequired: true),
        Field(name: "time", type: .epochMilliseconds, column: .startedAt, isRequired: true),
        Field(name: "state", type: .text, column: .status, sentinels: ["none"]),
        Field(name: "billed", type: .int, column: .billedSeconds),
        Field(name: "to", type: .digits, column: .toNumber, sentinels: ["unknown"]),
    ]

    private func found(
        _ rows: [RawRows.Row], _ names: [String], zone: String = "Asia/Kolkata",
        constants: [ConstantColumn] = [], fields: [Field] = Self.fields
    ) throws -> WholeSlice {
        let settings = DerivationSettings(
            zone: try #require(SourceZone(parsing: zone)), numbers: NumberForm("IN"),
            currency: "INR")
        return try RawRows(fields: fields, constants: constants).transform(
            rows, columns: ColumnSelection(names.map { .column($0, as: $0) }), settings: settings)
    }

    @Test func dayIsThatOfThePipelinesZone() throws {
        // 18:29:59.999Z is the last millisecond of a day in Kolkata; then one before 1970.
        let rows: [RawRows.Row] = [
            ["id": #""a""#, "time": "1767205799999"], ["id": #""b""#, "time": "1767205800000"],
            ["id": #""c""#, "time": "-19800001"],
        ]
        #expect(try found(rows, ["local_date"]).column("local_date") == ["20453", "20454", "-1"])
        #expect(
            try found(rows, ["local_date"], zone: "America/New_York").column("local_date")
                == ["20453", "20453", "-1"])
    }

    @Test func answersAndTalkFollowTheStatus() throws {
        let rows: [RawRows.Row] = [
            ["id": "1", "time": "1", "state": #""answered""#, "billed": "17"],
            ["id": "2", "time": "2", "state": #""missed""#, "billed": "4"],
            ["id": "3", "time": "3", "state": #""busy""#, "billed": "9"],
            ["id": "4", "time": "4", "state": #""none""#, "billed": "9"],
            ["id": "5", "time": "5", "state": #""answered""#],
            ["id": "6", "time": "6", "billed": "3"],
        ]
        let all = try found(rows, ["is_answered", "talk_seconds", "currency"])
        #expect(
            all.column("is_answered") == ["true", "false", "null", "null", "true", "null"])
        #expect(all.column("talk_seconds") == ["17", "0", "null", "null", "null", "null"])
        #expect(Set(all.column("currency")) == ["INR"])
        #expect(all.batch.schema.columns[0].type == .bool)
    }

    @Test func whatTheEndpointImpliesCounts() throws {
        let fields = Self.fields.filter { $0.name != "state" && $0.name != "billed" }
        let row: RawRows.Row = ["id": "1", "time": "1", "to": "9876543210"]
        let constant = ConstantColumn(column: .status, value: .text("missed"))
        let missed = try found(
            [row], ["is_answered", "talk_seconds"], constants: [constant], fields: fields)
        #expect(missed.column("is_answered") == ["false"])
        #expect(missed.column("talk_seconds") == ["0"])
        let presence = ConstantColumn(
            column: .status, value: .presence(field: "to", present: "answered", absent: "missed"))
        let present = try found([row], ["is_answered"], constants: [presence], fields: fields)
        #expect(present.column("is_answered") == ["true"])
    }

    @Test func numbersAreCompletedWhereTheyAreCertain() throws {
        let all = try found(
            [
                ["id": "1", "time": "1", "to": "9876543210"],
                ["id": "2", "time": "2", "to": #""+44 2079460000""#],
                ["id": "3", "time": "3", "to": #""unknown""#],
                ["id": "4", "time": "4", "to": "103"],
                ["id": "5", "time": "5"],
            ], ["to_e164", "to_number", "from_e164"])
        #expect(
            all.column("to_e164") == ["+919876543210", "+442079460000", "null", "null", "null"])
        #expect(all.column("to_number")[3] == "103")
        #expect(Set(all.column("from_e164")) == ["null"])
    }

    @Test func valueThatCannotBeReadIsARejectThoughItsColumnIsNotWritten() throws {
        let all = try found(
            [
                ["id": "1", "time": "1", "state": #""answered""#, "billed": "[]"],
                ["id": "2", "time": "2", "to": "{}"], ["id": "3", "time": "soon"],
                ["id": "4", "time": "4"],
            ], ["local_date", "talk_seconds", "to_e164"])
        #expect(all.rejects.map(\.field) == ["billed", "to", "time"])
        #expect(all.column("local_date") == ["0"])
    }

    @Test func fieldOfTheProviderGoesFirst() throws {
        let fields = Self.fields + [Field(name: "currency", type: .text)]
        let all = try found(
            [["id": "1", "time": "1", "currency": #""USD""#]], ["currency"], fields: fields)
        #expect(all.column("currency") == ["USD"])
    }
}
