import BoundedDispatch
import ExportModel
import Synchronization
import Testing

@testable import Extraction

@Suite struct ReportCallTests {
    private static let mark = Paging.EndMark(path: JSONPath(["state"]), accepted: ["ready"])

    private func endpoint(_ file: Report.File = .path("/reports/{id}/file")) -> Endpoint {
        var endpoint = Catalog.userOutMissed
        endpoint.request.paging = nil
        endpoint.request.auth = .bearer(token: "token")
        endpoint.response.total = .absent
        endpoint.report = Report(
            id: JSONPath(["report"]), pollPath: "/reports/{id}", intervalMilliseconds: 5_000,
            done: Self.mark,
            failed: Paging.EndMark(path: JSONPath(["state"]), accepted: ["failed"]), file: file,
            rules: AnswerRules(success: [], failures: [], errorTexts: []))
        return endpoint
    }

    /// Walks an hour; `answer` gets method and path of each request.
    private func walk(
        _ endpoint: Endpoint, pauses: Pauses = Pauses(),
        _ answer: @escaping @Sendable (String, Int) -> TransportOutcome
    ) throws -> (ids: [String], transport: FakeTransport) {
        let transport = FakeTransport { request, before in
            #expect(request.headers.contains { $0.name == "Authorization" })
            let path = request.url.dropFirst("http://provider.test".count)
            return answer("\(request.method.rawValue) \(path)", before)
        }
        let stream = try makeStream(endpoint)
        let environment = ExtractionEnvironment(
            monotonicMilliseconds: { pauses.sum }, now: { midnight }, random: { _ in 0 },
            sleep: { milliseconds, _ in pauses.add(milliseconds) })
        let extractor = WindowExtractor(
            stream: stream,
            session: AccountSession(
                account: tokenAccount, stream: stream, budgets: [], run: StopToken(),
                transport: transport, environment: environment),
            transport: transport, environment: environment)
        var found: [String] = []
        do {
            _ = try extractor.extract(span(0, 3_600_000)) { event in
                if case .slice(let slice) = event { found += ids(of: slice) }
            }
        } catch .extraction(let error) {
            throw error
        }
        return (found, transport)
    }

    private static let file =
        #"{"code":200,"cdr":[\#(records(3).map(\.json).joined(separator: ","))]}"#

    /// Started, asked for until it is ready, and read; twice, since nothing says how many records
    /// there are.
    @Test func aReportIsStartedWaitedForAndRead() throws {
        let pauses = Pauses()
        let polls = Mutex(0)
        let (ids, transport) = try walk(endpoint(), pauses: pauses) { request, _ in
            switch request {
            case "POST /v2/user/out_missed": return reply(#"{"report":17}"#)
            case "GET /reports/17":
                let count = polls.withLock { polls in
                    polls += 1
                    return polls
                }
                return reply(count.isMultiple(of: 3) ? #"{"state":"ready"}"# : #"{"state":"made"}"#)
            case "GET /reports/17/file": return reply(Self.file)
            default: return reply("", status: 404)
            }
        }
        #expect(ids == ["r0", "r1", "r2"])
        #expect(transport.requestCount == 10)
        #expect(pauses.sum == 6 * 5_000)
    }

    @Test func aReportMayBeLinked() throws {
        let linked = endpoint(.link(JSONPath(["file"])))
        let (ids, _) = try walk(linked) { request, _ in
            switch request {
            case "POST /v2/user/out_missed": return reply(#"{"report":"a/b"}"#)
            case "GET /reports/a%2Fb": return reply(#"{"state":"ready","file":"/files/x?k=1"}"#)
            case "GET /files/x?k=1": return reply(Self.file)
            default: return reply("", status: 404)
            }
        }
        #expect(ids == ["r0", "r1", "r2"])
        #expect(throws: ExtractionError.self) {
            try walk(linked) { request, _ in
                request.hasPrefix("POST")
                    ? reply(#"{"report":1}"#)
                    : reply(#"{"state":"ready","file":"https://other.test/x"}"#)
            }
        }
    }

    /// A failed report is started again, as often as any request is repeated.
    @Test func aFailedReportIsStartedAgain() throws {
        let (ids, transport) = try walk(endpoint()) { request, before in
            switch request {
            case "POST /v2/user/out_missed": return reply(#"{"report":1}"#)
            case "GET /reports/1":
                return reply(before == 1 ? #"{"state":"failed"}"# : #"{"state":"ready"}"#)
            default: return before == 4 ? reply("", status: 503) : reply(Self.file)
            }
        }
        #expect(ids == ["r0", "r1", "r2"])
        #expect(transport.count(toPath: "/v2/user/out_missed") == 3)
    }

    @Test(arguments: [
        (#"{}"#, #"{}"#, "missing_report"), (#"{"report":1}"#, #"{"state":"made"}"#, "report_late"),
        (#"{"report":1}"#, #"{"state":"failed"}"#, "provider_error"),
    ])
    func aReportThatCannotBeHadIsAnError(start: String, poll: String, code: String) throws {
        do {
            _ = try walk(endpoint()) { request, _ in
                reply(request.hasPrefix("POST") ? start : poll)
            }
            Issue.record("it is read")
        } catch let error as ExtractionError {
            #expect(error.code == code)
        }
    }
}

/// How long requests were waited for.
private final class Pauses: Sendable {
    private let milliseconds = Mutex<Int64>(0)

    var sum: Int64 { milliseconds.withLock { $0 } }

    func add(_ pause: Int64) -> Bool {
        milliseconds.withLock { $0 += pause }
        return true
    }
}
