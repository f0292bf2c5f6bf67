import BoundedDispatch
import ExportModel
import Testing

@testable import Extraction

/// Answers of a provider whose pages follow each other, from the request to the rows.
@Suite struct ChainAnswerTests {
    /// A page of a provider with cursors; the body is all there is.
    private func envelope(
        _ body: String, headers: [String: String] = [:], echoes: [String: String] = [:],
        _ change: (inout Endpoint) -> Void
    ) throws -> Result<PageEnvelope, ExtractionError> {
        var endpoint = Catalog.userOutMissed
        endpoint.response.total = .absent
        change(&endpoint)
        let reader = try AnswerReader(endpoint: endpoint, environment: stillEnvironment())
        let verdict = reader.verdict(
            on: .answer(ProviderAnswer(status: 200, headers: headers, body: Array(body.utf8))),
            to: PageQuestion(url: "http://provider.test/calls?a=1", echoes: echoes),
            hiding: SentSecrets())
        switch verdict {
        case .page(_, let envelope): return .success(envelope)
        case .again(let failure): return .failure(failure.error)
        case .refused(let error): return .failure(error)
        case .unknownID: throw ExtractionError(.unknownAnswer, code: "test", message: "no page")
        }
    }

    private func paging(_ step: Paging.Step, end: Paging.EndMark? = nil) -> Paging {
        Paging(step, size: nil, defaultSize: 10, maximumSize: 10, end: end)
    }

    private static let cursor = Paging.Step.cursor([
        Paging.Cursor(path: JSONPath(["meta", "next"]), parameter: "after")
    ])

    @Test(arguments: [
        (#""meta":{"next":"abc"}"#, "abc"), (#""meta":{"next":17}"#, "17"),
        (#""meta":{"next":null}"#, nil), (#""meta":{"next":""}"#, nil), (#""meta":{}"#, nil),
    ])
    func aCursorThatIsNotThereMarksTheEnd(meta: String, expected: String?) throws {
        let found = try envelope(#"{"code":200,"cdr":[],\#(meta)}"#) {
            $0.request.paging = paging(Self.cursor)
        }.get()
        #expect(found.next == expected.map { .cursor([$0]) })
        #expect(found.isLast == (expected == nil))
        #expect(found.total == nil)
    }

    @Test func linksAreReadFromBodyAndHeader() throws {
        let inBody = try envelope(#"{"code":200,"cdr":[],"next":"/calls?a=2"}"#) {
            $0.request.paging = paging(.next(JSONPath(["next"])))
        }.get()
        #expect(inBody.next == .link("http://provider.test/calls?a=2"))
        let inHeader = try envelope(
            #"{"code":200,"cdr":[]}"#, headers: ["Link": "<?a=2>; rel=next"]
        ) { $0.request.paging = paging(.link(relation: "next")) }.get()
        #expect(inHeader.next == .link("http://provider.test/calls?a=2"))
    }

    @Test func aLinkToAnotherHostIsAnError() throws {
        let found = try envelope(#"{"code":200,"cdr":[],"next":"http://other.test/calls?a=2"}"#) {
            $0.request.paging = paging(.next(JSONPath(["next"])))
        }
        guard case .failure(let error) = found else {
            Issue.record("the link is followed")
            return
        }
        #expect(error.code == "foreign_link")
        #expect(!error.message.contains("other.test"))
    }

    /// Vonage: the end is a status, and a cursor has two parts.
    @Test func anEndMarkDecidesWhateverTheCursorSays() throws {
        let two = Paging.Step.cursor([
            Paging.Cursor(path: JSONPath(["c"]), parameter: "cursor"),
            Paging.Cursor(path: JSONPath(["iv"]), parameter: "iv"),
        ])
        let mark = Paging.EndMark(path: JSONPath(["status"]), accepted: ["SUCCESS"])
        func read(_ rest: String) throws -> Result<PageEnvelope, ExtractionError> {
            try envelope(#"{"code":200,"cdr":[],\#(rest)}"#) {
                $0.request.paging = paging(two, end: mark)
            }
        }
        let more = try read(#""status":"TRUNCATED","c":"x","iv":"y""#).get()
        #expect(more.next == .cursor(["x", "y"]) && more.isLast == false)
        let last = try read(#""status":"SUCCESS","c":"x","iv":"y""#).get()
        #expect(last.next == nil && last.isLast == true)
        let half = try read(#""status":"TRUNCATED","c":"x""#)
        #expect(throws: ExtractionError.self) { try half.get() }
    }

    @Test func totalsAreReadFromHeadersAndPageCounts() throws {
        let header = try envelope(#"{"code":200,"cdr":[]}"#, headers: ["X-Total": " 12 "]) {
            $0.response.total = .header("X-Total")
        }.get()
        #expect(header.total == 12)
        let missing = try envelope(#"{"code":200,"cdr":[]}"#) {
            $0.response.total = .header("X-Total")
        }
        #expect(throws: ExtractionError.self) { try missing.get() }
        let pages = try envelope(#"{"code":200,"cdr":[],"pages":3}"#) {
            $0.response.total = .pageCount(JSONPath(["pages"]))
        }.get()
        #expect(pages.pageCount == 3 && pages.total == nil)
    }

    /// Zoom answers for a month when it is asked for two, and says so.
    @Test(arguments: [
        ("100", nil), ("100.0", nil), ("\"100\"", nil), ("50", "echo_differs"),
        ("null", "echo_differs"),
    ])
    func anAnswerToAnotherQuestionIsAnError(size: String, code: String?) throws {
        let found = try envelope(
            #"{"code":200,"cdr":[],"page_size":\#(size)}"#, echoes: ["limit": "100"]
        ) {
            $0.response.echoes = [
                ResponseShape.Echo(path: JSONPath(["page_size"]), parameter: "limit")
            ]
        }
        switch found {
        case .success: #expect(code == nil)
        case .failure(let error): #expect(error.code == code)
        }
    }

    @Test func rowsMayLieInOneOfSeveralPlaces() throws {
        for name in ["cdr", "calls"] {
            let found = try envelope(#"{"code":200,"\#(name)":[{}]}"#) {
                $0.response.rows = [JSONPath(["calls"]), JSONPath(["cdr"])]
            }
            #expect(throws: Never.self) { try found.get() }
        }
        let none = try envelope(#"{"code":200,"rows":[{}]}"#) {
            $0.response.rows = [JSONPath(["calls"]), JSONPath(["cdr"])]
        }
        guard case .failure(let error) = none else { return }
        #expect(error.message.contains("`calls` or `cdr`"))
    }

    /// From the window to verified rows, and from the archived pages to the same rows again.
    @Test func aWindowIsWalkedByItsCursorsAndRestored() throws {
        var endpoint = Catalog.userOutMissed
        endpoint.request.paging = Paging(
            Self.cursor, size: "limit", defaultSize: 10, maximumSize: 10)
        endpoint.response.total = .absent
        let rows = records(35)
        let transport = FakeTransport { request, _ in
            let body = String(decoding: request.body ?? [], as: UTF8.self)
            let start = text("after", in: request).flatMap { Int($0) } ?? 0
            #expect(body.contains("\"limit\":10"))
            let from = number("from", in: request) ?? 0
            let to = number("to", in: request) ?? 0
            let found = rows.filter {
                (from...to).contains(midnight.epochMilliseconds + $0.place)
            }
            let next = start + 10 < found.count ? "\"\(start + 10)\"" : "null"
            let part = found.dropFirst(start).prefix(10).map(\.json).joined(separator: ",")
            return reply(#"{"cdr":[\#(part)],"meta":{"next":\#(next)},"code":200}"#)
        }
        let stream = try makeStream(endpoint)
        let environment = stillEnvironment()
        let extractor = WindowExtractor(
            stream: stream,
            session: AccountSession(
                account: tokenAccount, stream: stream, budgets: [], run: StopToken(),
                transport: transport, environment: environment),
            transport: transport, environment: environment)
        var slices: [ExtractedSlice] = []
        _ = try extractor.extract(span(0, 3_600_000)) { event in
            if case .slice(let slice) = event { slices.append(slice) }
        }
        #expect(slices.flatMap(ids(of:)) == rows.reversed().map(\.id))
        #expect(slices.reduce(0) { $0 + $1.counts.reportedTotal } == 35)
        for slice in slices {
            let bodies = slice.pages.map { ArchivedPage(number: $0.number, body: $0.body) }
            let restored = try extractor.restore(range: slice.range, bodies: bodies)
            #expect(ids(of: restored.slice) == ids(of: slice))
            #expect(restored.assembled.mismatch == nil)
        }
    }
}
