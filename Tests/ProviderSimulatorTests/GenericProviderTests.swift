import ExportModel
import Foundation
import Testing

@testable import ProviderSimulator

@Suite struct GenericProviderTests {
    /// An entry that shares nothing with the documented ones.
    static let entry = Endpoint(
        id: "pbx.calls", title: "Calls", document: "none", provider: "pbx", defaultBaseURL: nil,
        request: RequestShape(
            path: "/api/calls", encoding: .form,
            fixed: [NamedValue(name: "action", value: .text("list"))],
            credentials: [CredentialField(name: "key", type: .text)],
            window: WindowParameters(start: "since", end: "until", format: .localDateTime),
            requestID: nil, optional: [],
            paging: Paging(
                .page(parameter: "p", first: 1), size: "n", defaultSize: 25, maximumSize: 50)),
        response: ResponseShape(
            rows: [JSONPath(dotted: "reply.calls")], total: .path(JSONPath(dotted: "reply.found")),
            rules: AnswerRules(
                success: [
                    .init(
                        path: JSONPath(dotted: "reply.state"), accepted: ["ok"], mayBeAbsent: false),
                    .init(path: JSONPath(["failed"]), accepted: ["false"], mayBeAbsent: true),
                ],
                failures: [
                    .init(
                        path: JSONPath(["why"]), codes: [7...9], texts: ["bad key"],
                        meaning: .authentication),
                    .init(path: JSONPath(["why"]), codes: [500...599], texts: [], meaning: .retry),
                ],
                errorTexts: [JSONPath(["text"])])),
        key: ["uid"], keyHasOrdinal: false, timeField: "began",
        sourceZone: SourceZone(identifier: "-03:30", offsetSeconds: -12_600),
        fields: [
            Field(name: "uid", type: .digits, column: .callID, isRequired: true),
            Field(name: "began", type: .localDateTime, column: .startedAt, isRequired: true),
            Field(name: "who", type: .text, column: .contactName, sentinels: ["-"]),
            Field(name: "cost", type: .decimal(precision: 18, scale: 6), column: .rate),
            Field(
                name: "way", type: .text, column: .direction,
                translation: Translation(values: ["I": "inbound", "O": "outbound"], others: .keep)),
            Field(name: "seconds", type: .int, isRequired: true),
            Field(name: "kept", type: .bool),
            Field(
                name: "memos", type: .json,
                notes: NoteFields(message: "m", createdAt: "t", agent: "a")),
        ],
        constants: [],
        login: Login(
            request: RequestShape(
                path: "/api/login", encoding: .json, fixed: [],
                credentials: [
                    CredentialField(name: "user", type: .text),
                    CredentialField(name: "pass", type: .text),
                ],
                window: nil, requestID: nil, optional: [], paging: nil),
            response: AnswerRules(success: [], failures: [], errorTexts: []),
            tokenPath: JSONPath(dotted: "session.key"), issues: "key"))

    private func client(_ faults: [SimulatorFault: Double] = [:]) -> ExchangeClient {
        var options = SimulatorOptions()
        options.rowsPerDay = 120
        options.extraEndpoints = [Self.entry]
        options.faults = faults
        return ExchangeClient(options)
    }

    /// 2026-01-01 in UTC, as the entry's zone writes it.
    private let query: [String: Any] = [
        "action": "list", "key": "k", "since": "2025-12-31 20:30:00",
        "until": "2026-01-01 20:29:59",
    ]

    private func rows(_ reply: Reply) throws -> [[String: Any]] {
        let inner = try #require(reply.object()["reply"] as? [String: Any])
        return try #require(inner["calls"] as? [[String: Any]])
    }

    @Test func entryIsServedByItsOwnData() throws {
        let client = client()
        var found: [[String: Any]] = []
        for page in 1...3 {
            let reply = try client.post(
                "/api/calls", query.merging(["p": page, "n": 50]) { $1 })
            let object = try reply.object()
            #expect(Set(object.keys) == ["reply", "failed"])
            #expect(object["failed"] as? Bool == false)
            let inner = try #require(object["reply"] as? [String: Any])
            #expect(inner["state"] as? String == "ok")
            #expect(inner["found"] as? Int == 120)
            found += try rows(reply)
        }
        let truth = try client.truth("pbx.calls", "k")
        #expect(truth.texts("call_id").count == 120)
        #expect(Set(found.map(uid)) == Set(truth.texts("call_id")))
        #expect(found.count == 120)
        #expect(Set(found.texts("way")) == ["I", "O", "other"], "one in ten is a code of no table")
        #expect(Set(truth.texts("direction")) == ["inbound", "outbound", "other"])
        #expect(found.contains { $0["cost"] == nil }, "optional fields may be missing")
        #expect(found.texts("began").allSatisfy { $0 >= "2025-12-31 20:30:00" })
        let times = found.texts("began")
        #expect(times == times.sorted() || times == times.sorted(by: >))
    }

    @Test func defaultPageSizeIsTheEntrys() throws {
        #expect(try rows(client().post("/api/calls", query)).count == 25)
    }

    @Test func refusalsAreThoseTheEntryRecognises() throws {
        let wrong = try client().post("/api/calls", query.merging(["key": "wrong"]) { $1 })
        #expect(try wrong.int("why") == 7)
        #expect(try wrong.object()["text"] as? String == "bad key")
        let trouble = try client([.codeIn200: 1]).post("/api/calls", query)
        #expect(try trouble.int("why") == 500)
        let large = try client().post("/api/calls", query.merging(["n": 51]) { $1 })
        #expect(large.status == 400, "no rule of the entry says bad request")
    }

    @Test func fixedParametersMustBeThere() throws {
        #expect(try client().post("/api/calls", ["key": "k"]).status == 404)
    }

    @Test func loginGivesTheTokenWhereTheEntryLooks() throws {
        let client = client()
        let login = try client.post("/api/login", ["user": "u", "pass": "p"])
        let session = try #require(login.object()["session"] as? [String: String])
        let key = try #require(session["key"])
        let reply = try client.post("/api/calls", query.merging(["key": key]) { $1 })
        let expected = try client.truth("pbx.calls", "u").texts("call_id")
        #expect(try rows(reply).count == 25)
        #expect(Set(expected).isSuperset(of: try rows(reply).map(uid)))
    }

    /// A number or its text.
    private func uid(_ row: [String: Any]) -> String { row["uid"].map { "\($0)" } ?? "" }

    @Test(
        arguments: [
            ("Z", 0, 0), ("+05:30", 0, 19_800), ("America/New_York", 1_767_225_600, -18_000),
            ("America/New_York", 1_782_000_000, -14_400),
        ] as [(String, Int64, Int64)])
    func zonesKnowTheirOffsets(name: String, moment: Int64, offset: Int64) throws {
        let zone = try #require(SourceZone(parsing: name))
        #expect(GenericZone.offset(zone, atEpochSeconds: moment) == offset)
    }
}
