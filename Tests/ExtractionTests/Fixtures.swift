import BoundedDispatch
import ExportModel
import PageDecoding
import Synchronization
import Testing

@testable import Extraction

/// An hour that most tests walk: 2026-11-19T00:00Z.
let midnight = Timestamp(epochMilliseconds: 1_795_046_400_000)

func span(_ start: Int64, _ end: Int64) -> TimeRange {
    TimeRange(
        start: midnight.advanced(milliseconds: start), end: midnight.advanced(milliseconds: end))
}

/// A clock that stands, and chance that always says 0: retries happen at once.
func stillEnvironment(random: @escaping @Sendable (Int64) -> Int64 = { _ in 0 })
    -> ExtractionEnvironment
{
    ExtractionEnvironment(monotonicMilliseconds: { 0 }, now: { midnight }, random: random)
}

func makeStream(
    _ endpoint: Endpoint, lanes: Int = 4, pageSize: Int = 10, slicePages: Int = 200,
    attempts: Int = 4, parameters: [NamedValue] = [], zone: SourceZone? = nil,
    confirmation: WalkConfirmation = .edges, onMismatch: MismatchPolicy = .fail
) throws -> ExportModel.Stream {
    ExportModel.Stream(
        name: "calls", endpoint: endpoint, baseURL: "http://provider.test",
        sourceZone: zone ?? endpoint.sourceZone, accounts: [], parameters: parameters,
        requests: nil,
        windows: WindowOptions(
            every: .hour, range: .yesterday, settleMilliseconds: 0, refresh: 0, catchUpFrom: nil),
        extract: ExtractOptions(
            pagesInFlight: lanes, windowsInFlight: 1, requestsPerSecond: 1_000,
            slicePages: slicePages, pageSize: pageSize, timeoutMilliseconds: 1_000,
            attempts: attempts, maxRejects: .unlimited, confirmation: confirmation,
            onMismatch: onMismatch),
        columns: try #require(ColumnPlan(.unified, of: endpoint)))
}

let tokenAccount = Account(name: "a", credentials: ["token": Secret("token-of-the-test")])

let loginAccount = Account(
    name: "a",
    credentials: ["id": Secret("103_1111113"), "password": Secret("password-of-the-test")])

/// A transport that answers from a closure and counts what is asked.
final class FakeTransport: Transport {
    private let requests = Mutex<[ProviderRequest]>([])
    private let answer: @Sendable (ProviderRequest, Int) -> TransportOutcome

    /// - Parameter answer: gets the request and how many came before it.
    init(_ answer: @escaping @Sendable (ProviderRequest, Int) -> TransportOutcome) {
        self.answer = answer
    }

    func send(_ request: ProviderRequest) -> TransportOutcome {
        let before = requests.withLock { requests in
            requests.append(request)
            return requests.count - 1
        }
        return answer(request, before)
    }

    var requestCount: Int { requests.withLock { $0.count } }

    var bodies: [String] {
        requests.withLock { $0.map { String(decoding: $0.body ?? [], as: UTF8.self) } }
    }

    func count(toPath path: String) -> Int {
        requests.withLock { $0.count { $0.url.hasSuffix(path) } }
    }
}

func reply(_ body: String, status: Int = 200, retryAfter: String? = nil) -> TransportOutcome {
    .answer(ProviderAnswer(status: status, retryAfter: retryAfter, body: Array(body.utf8)))
}

/// Of a window whose bounds are moments of unknown inclusiveness.
let anyPadding = WindowPadding(nil, sourceZone: SourceZone(identifier: "Z", offsetSeconds: 0))

/// One number of a JSON request body: `"page":3`.
func number(_ name: String, in request: ProviderRequest) -> Int64? {
    let text = String(decoding: request.body ?? [], as: UTF8.self)
    guard let start = text.firstRange(of: "\"\(name)\":")?.upperBound else { return nil }
    return Int64(text[start...].prefix { $0 == "-" || $0.isNumber })
}

/// One text of a JSON request body: `"token":"x"`.
func text(_ name: String, in request: ProviderRequest) -> String? {
    let text = String(decoding: request.body ?? [], as: UTF8.self)
    guard let start = text.firstRange(of: "\"\(name)\":\"")?.upperBound else { return nil }
    return String(text[start...].prefix { $0 != "\"" })
}

/// A request whose answer need not agree with it.
let noQuestion = PageQuestion(url: "http://provider.test/calls", echoes: [:])

/// A row as the walk tests need it.
struct Row: Hashable, Sendable {
    var id: String
    /// From ``midnight``; nil: a time that cannot be read.
    var offset: Int64?
    var note = ""
    /// Where the provider lists a row whose time cannot be read.
    var hidden: Int64 = 0

    /// Where the provider lists the row.
    var place: Int64 { offset ?? hidden }

    var json: String {
        let time = offset.map { String(midnight.epochMilliseconds + $0) } ?? "\"soon\""
        let extra = note.isEmpty ? "" : #","note":"\#(note)""#
        return #"{"cmiuid":"\#(id)","time":\#(time)\#(extra)}"#
    }
}

/// A TeleCMI v2 body.
func cdr(_ rows: [Row], total: Int) -> String {
    #"{"count":\#(total),"cdr":[\#(rows.map(\.json).joined(separator: ","))],"code":200}"#
}

/// A page as a walk receives it.
func page(_ rows: [Row], total: Int, number: Int = 1) throws -> IdentifiedPage {
    try identified(cdr(rows, total: total), Catalog.userOutMissed, total: total, number: number)
}

func identified(
    _ body: String, _ endpoint: Endpoint, total: Int = 0, number: Int = 1, requestID: String? = nil
) throws -> IdentifiedPage {
    let decoder = try PageDecoder(
        PageLayout(
            of: endpoint, rows: endpoint.response.rows[0], captures: []))
    var raw = try decoder.decode(Array(body.utf8)).page
    raw.number = number
    raw.requestID = requestID
    return RowIdentifier(endpoint: endpoint, sourceZone: endpoint.sourceZone)
        .identify(raw, total: total, hasTrailingComma: false)
}

/// The ids of a slice's rows, in its order.
func ids(of slice: ExtractedSlice) -> [String] {
    slice.rows.map { reference in
        let page = slice.pages[Int(reference.page)]
        let cell = page.cell(row: Int(reference.row), field: 0)
        return String(decoding: page.body[cell.unquotedRange], as: UTF8.self)
    }
}

/// A sequence of draws that follows from its seed alone (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension IdentifiedPage {
    /// The same page as the answer to the request for another number.
    func numbered(_ number: Int) -> IdentifiedPage {
        var raw = page
        raw.number = number
        var result = IdentifiedPage(
            raw, identities, total: total, hasTrailingComma: hasTrailingComma)
        result.isSuspect = isSuspect
        return result
    }

    /// Rows without a readable key or time can only become rejects.
    func isIdentified(_ row: Int) -> Bool {
        times[row] != Self.noTime && !key(row).isEmpty
    }
}

/// The error that a call throws; nil where it throws none.
func failure(_ body: () throws -> Void) -> ExtractionError? {
    do {
        try body()
        return nil
    } catch {
        return error as? ExtractionError
    }
}
