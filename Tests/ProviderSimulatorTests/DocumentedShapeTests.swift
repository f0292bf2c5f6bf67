import Foundation
import Testing

@testable import ProviderSimulator

/// The fields and JSON types of the documents' samples, asserted on what the simulator sends.
@Suite struct DocumentedShapeTests {
    let client = ExchangeClient()
    let window: [String: Any] = [
        "token": "abc", "appid": 1_111_113, "start_date": newYear, "end_date": newYear + day,
        "from": newYear, "to": newYear + day,
    ]

    /// `name:type` in the sample's order; a `?` after the type: may be missing.
    static let shapes: [(path: String, fields: [String])] = [
        (
            "/v1/outanswered",
            [
                "_id:text", "to:number", "time:number", "from:text", "agent:text?",
                "billedsec:number", "rate:text", "record:text", "filename:text?", "name:text",
                "region:text?",
            ]
        ),
        (
            "/v1/agentOutMissed",
            [
                "_id:text", "to:number", "time:number", "from:text", "billedsec:number",
                "rate:text", "name:text", "region:text?",
            ]
        ),
        (
            "/v2/user/out_missed",
            [
                "cmiuid:text", "duration:number", "notes:list?", "billedsec:number",
                "rate:number", "name:text", "from:text", "to:number", "time:number",
                "region:text?",
            ]
        ),
    ]

    static let bill = [
        "id:number", "extnumber:text", "destnumber:text", "displaynumber:text", "starttime:text",
        "answertime:text or null", "endtime:text", "duration:number", "billsec:number",
        "direction:text", "callmethod:number", "userid:text", "memberid:text",
        "chengshudu:text", "customuuid:text", "recordfilename:text", "downloadip:text",
        "hangupdirection:number", "hangupcause:number", "userkey:text", "region:text?",
    ]

    static let leg = [
        "duration:number", "balance:number", "rate:number", "from:number", "to:number",
        "time:number", "leg:text", "direction:text", "status:text",
    ]

    @Test(arguments: shapes.indices)
    func listsHaveTheDocumentedFields(index: Int) throws {
        let (path, fields) = Self.shapes[index]
        var isSeen: Set<String> = []
        for page in 1...40 {
            let reply = try client.post(path, window.merging(["page": page]) { $1 })
            #expect(try reply.int("code") == 200)
            for row in try reply.rows() { isSeen.formUnion(check(row, fields)) }
        }
        #expect(isSeen == Set(fields.map(name)), "every field, the optional ones too, is sent")
    }

    @Test func envelopesNameTheTotalAsDocumented() throws {
        let totals = ["/v1/outanswered": "total", "/v1/agentOutMissed": "count"]
        for (path, total) in totals {
            let object = try client.post(path, window.merging(["page": 1]) { $1 }).object()
            #expect(Set(object.keys) == [total, "cdr", "code"])
        }
    }

    @Test func billsHaveTheDocumentedFields() throws {
        let reply = client.commo([:])
        let object = try reply.object()
        #expect(Set(object.keys) == ["ret", "data", "msg"])
        let data = try #require(object["data"] as? [String: Any])
        #expect(Set(data.keys) == ["status", "desc", "result", "reqtime", "rsptime"])
        #expect(data["status"] as? Int == 0)
        #expect(data["reqtime"] as? Int == Int(ExchangeClient.now / 1_000))
        let result = try reply.result()
        #expect(
            Set(result.keys) == ["totalitems", "currentpage", "itemsperpage", "bills"])
        let bills = try #require(result["bills"] as? [[String: Any]])
        let isSeen = bills.reduce(into: Set<String>()) { $0.formUnion(check($1, Self.bill)) }
        #expect(isSeen == Set(Self.bill.map(name)))
        #expect(bills.contains { $0["answertime"] is NSNull })
        #expect(bills.contains { $0["answertime"] as? String == "" })
        #expect(Set(bills.ints("callmethod")) == Set(0...6))
        #expect(Set(bills.ints("hangupdirection")) == [10_040, 10_041, 10_015])
    }

    @Test func legsHaveTheDocumentedFieldsAndOrder() throws {
        var legCounts: Set<Int> = []
        for number in 1...40 {
            let id = "rid-1-" + (number < 10 ? "000\(number)" : "00\(number)")
            let reply = try client.post(
                "/v1/piopiy/requestid_cdr",
                ["appid": 2_222_222, "secret": "abc", "request_id": id])
            let object = try reply.object()
            #expect(Set(object.keys) == ["count", "cdr", "code"])
            let rows = try reply.rows()
            #expect(object["count"] as? Int == rows.count)
            #expect(rows.last?["leg"] as? String == "a")
            #expect(rows.dropLast().allSatisfy { $0["leg"] as? String == "b" })
            for row in rows { #expect(check(row, Self.leg).count == Self.leg.count) }
            legCounts.insert(rows.count)
        }
        #expect(legCounts == [2, 3])
    }

    @Test func numbersAreSpeltExactly() throws {
        let exchange = SimulatedExchange(options: SimulatorOptions())
        let request = WireRequest(
            method: "GET", path: "/_truth",
            query:
                "endpoint=telecmi.v2.user.out_missed&account=a&from=\(newYear)&to=\(newYear + day)",
            contentType: "", body: [])
        let answer = exchange.answer(request, nowMilliseconds: 0).answer
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(text.contains("\"rate\":0.0231,"))
        #expect(text.contains("\"rate\":14.000001,"))
    }

    @Test func hostileNamesAreSent() throws {
        let truth = try client.truth("telecmi.v2.user.out_missed", "abc")
        #expect(Set(truth.texts("name")) == Set(CallPool.names))
        #expect(truth.ints("to").contains { $0 > Int(UInt32.max) })
    }

    /// The names of the row's fields, each of which must have its documented type.
    private func check(_ row: [String: Any], _ fields: [String]) -> Set<String> {
        for field in fields {
            let type = field.split(separator: ":")[1]
            let value = row[name(field)]
            let isRight =
                switch type {
                case "text": value is String
                case "text?": value == nil || value is String
                case "text or null": value is String || value is NSNull
                case "list?": value == nil || value is [[String: Any]]
                default: value is NSNumber && !(value is String)
                }
            #expect(isRight, "\(field) is \(value ?? "missing")")
        }
        let unknown = Set(row.keys).subtracting(fields.map(name))
        #expect(unknown.isEmpty)
        return Set(row.keys)
    }

    private func name(_ field: String) -> String {
        String(field.prefix { $0 != ":" })
    }
}
