import ExportModel
import Testing

@testable import Extraction

/// The sample requests of the documents.
@Suite struct RequestBuilderTests {
    @Test func telecmiV1OutAnswered() throws {
        let request = try RequestBuilder(stream: makeStream(Catalog.outAnswered)).request(
            .page(number: 1, size: 5, range: milliseconds(1_570_559_400_000, 1_570_642_200_000)),
            credentials: ["appid": Secret("1111113"), "token": Secret("xxxx-xxxx-xxxx-xxx")])
        #expect(request.url == "http://provider.test/v1/outanswered")
        #expect(request.contentType == "application/json")
        #expect(
            body(request)
                == #"{"appid":1111113,"token":"xxxx-xxxx-xxxx-xxx","start_date":1570559400000,"#
                + #""end_date":1570642200000,"page":1,"limit":5}"#)
    }

    @Test(arguments: [
        (ResponseShape.BodyFormat.json, []),
        (.ndjson, ["Accept: application/x-ndjson, application/json;q=0.5"]),
        (.csv, ["Accept: text/csv, */*;q=0.5"]),
    ])
    func bodiesOfLinesAreAskedFor(body: ResponseShape.BodyFormat, expected: [String]) throws {
        var endpoint = Catalog.userOutMissed
        endpoint.response.body = body
        func headers() throws -> [String] {
            try RequestBuilder(stream: makeStream(endpoint)).request(
                .page(number: 1, size: 10, range: span(0, 1_000)),
                credentials: ["token": Secret("t")]
            ).headers.map { "\($0.name): \($0.value)" }
        }
        #expect(try headers() == expected)
        endpoint.request.fixed.append(
            NamedValue(name: "accept", value: .text("text/plain"), place: .header))
        #expect(try headers() == ["accept: text/plain"])
    }

    @Test func telecmiV1AgentOutMissed() throws {
        let request = try RequestBuilder(stream: makeStream(Catalog.agentOutMissed)).request(
            .page(number: 1, size: 5, range: milliseconds(1_569_911_400_000, 1_570_167_249_853)),
            credentials: ["token": Secret("xxxx-xxxx-xxxx-xxxx")])
        #expect(request.url == "http://provider.test/v1/agentOutMissed")
        #expect(
            body(request)
                == #"{"token":"xxxx-xxxx-xxxx-xxxx","from":1569911400000,"to":1570167249853,"#
                + #""page":1,"limit":5}"#)
    }

    @Test func telecmiV2UserOutMissed() throws {
        let request = try RequestBuilder(stream: makeStream(Catalog.userOutMissed)).request(
            .page(number: 12, size: 10, range: span(-1_000, 3_601_000)),
            credentials: ["token": Secret("t")])
        #expect(request.url == "http://provider.test/v2/user/out_missed")
        #expect(
            body(request)
                == #"{"token":"t","from":1795046399000,"to":1795050001000,"page":12,"limit":10}"#)
        #expect(request.timeoutMilliseconds == 1_000)
    }

    @Test func piopiyRequestID() throws {
        let id = "8DI2mXpy2K7qPI2Wi919AKS5LlzNEJKy7kb2Vg3IN9h"
        let request = try RequestBuilder(stream: makeStream(Catalog.requestIDs)).request(
            .requestID(id),
            credentials: ["appid": Secret("2222222"), "secret": Secret("xxxx-xxxx-xxx-xxx-xxxx")])
        #expect(request.url == "http://provider.test/v1/piopiy/requestid_cdr")
        #expect(
            body(request)
                == #"{"appid":2222222,"secret":"xxxx-xxxx-xxx-xxx-xxxx","request_id":"\#(id)"}"#)
    }

    @Test func commoGetBillSendsLocalTimesAndItsParameters() throws {
        let parameters = [
            NamedValue(name: "syncflag", value: .int(3)),
            NamedValue(name: "direction", value: .int(3)),
            NamedValue(name: "callmethod", value: .int(0)),
            NamedValue(name: "extnumber", value: .text("")),
        ]
        // 2019-01-12 00:00:00 and 2020-12-12 00:00:00 at +08:00.
        let range = milliseconds(1_547_222_400_000, 1_607_702_400_000)
        let request = try RequestBuilder(
            stream: makeStream(Catalog.getBill, parameters: parameters)
        )
        .request(
            .page(number: 1, size: 10, range: range), credentials: ["token": Secret("ABCDEFG")])
        #expect(request.url == "http://provider.test")
        let expected = [
            ("service", "App.Sip_Cdr.GetBill"), ("token", "ABCDEFG"),
            ("starttime", "2019-01-12 00:00:00"), ("endtime", "2020-12-12 00:00:00"),
            ("currentpage", "1"), ("itemsperpage", "10"), ("syncflag", "3"), ("direction", "3"),
            ("callmethod", "0"), ("extnumber", ""),
        ]
        let parts = expected.map { name, value in
            "--\(RequestBody.boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n"
                + "\(value)\r\n"
        }
        #expect(body(request) == parts.joined() + "--\(RequestBody.boundary)--\r\n")
    }

    @Test func onlyDocumentedCredentialsAreSent() throws {
        let request = try RequestBuilder(stream: makeStream(Catalog.userOutMissed)).request(
            .page(number: 1, size: 10, range: span(0, 1)),
            credentials: ["token": Secret("t"), "password": Secret("p")])
        #expect(!body(request).contains("password"))
    }

    private func milliseconds(_ start: Int64, _ end: Int64) -> TimeRange {
        TimeRange(
            start: Timestamp(epochMilliseconds: start), end: Timestamp(epochMilliseconds: end))
    }

    private func body(_ request: ProviderRequest) -> String {
        String(decoding: request.body ?? [], as: UTF8.self)
    }
}
