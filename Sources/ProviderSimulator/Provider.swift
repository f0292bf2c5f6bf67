/// One endpoint as its document describes it: what it reads, what it writes, how it refuses.
///
/// A provider is a value without state; the server asks it from any thread.
protocol Provider: Sendable {
    /// Catalog id
    var id: String { get }
    /// Times of records are multiples of it: 1 or 1,000 ms.
    var resolutionMilliseconds: Int64 { get }

    /// Reads a request, or makes the answer that refuses it.
    func read(_ form: RequestForm, context: ReadContext) -> ReadRequest
    /// Whether a filter lets the record pass.
    func passes(_ call: Call, _ filter: CallFilter) -> Bool
    /// The calls of one request id, in the order in which they are served; nil: unknown id.
    func calls(ofRequestID id: String, account: String, streamSeed: UInt64) -> [Call]?
    /// Writes one record as the document shows it.
    func write(_ call: Call, to writer: inout JSONWriter)
    /// The field that a dirty record has wrong, and what stands there.
    func spoil(of call: Call) -> JSONWriter.Spoil
    /// What identifies the record in its own answer, for the order of the truth.
    func identifier(of call: Call) -> String
    /// Writes one record as a page has it; a dirty one with a field that cannot be typed.
    func record(_ call: Call, isDirty: Bool) -> [UInt8]
    /// What the record is, as JSON objects; a dirty one has a member `_dirty` with the field's name.
    func truth(_ call: Call, isDirty: Bool, requestID: String?) -> [[UInt8]]
    /// Whether answers say how many records there are.
    var hasTotal: Bool { get }
    /// Whether a page is known only from the one before it.
    var isChained: Bool { get }
    /// The envelope around written records.
    func answer(_ page: AnsweredPage, query: RecordQuery, epochSeconds: Int64)
        -> SimulatedResponse
    /// The refusal of a dead or wrong credential.
    func refusal() -> SimulatedResponse
    /// The answer to an unknown request id.
    func unknownID() -> SimulatedResponse
    /// A failure that passes inside status 200.
    func passingFailure() -> SimulatedResponse
    /// The answer to a cursor that is no longer known.
    func deadCursor() -> SimulatedResponse
}

extension Provider {
    var resolutionMilliseconds: Int64 { 1 }

    func passes(_ call: Call, _ filter: CallFilter) -> Bool { true }

    func calls(ofRequestID id: String, account: String, streamSeed: UInt64) -> [Call]? { nil }

    func unknownID() -> SimulatedResponse { refusal() }

    func deadCursor() -> SimulatedResponse { refusal() }

    var hasTotal: Bool { true }

    var isChained: Bool { false }

    func record(_ call: Call, isDirty: Bool) -> [UInt8] {
        var writer = JSONWriter()
        if isDirty { writer.spoil = spoil(of: call) }
        writer.object { write(call, to: &$0) }
        return writer.bytes
    }

    func truth(_ call: Call, isDirty: Bool, requestID: String?) -> [[UInt8]] {
        var writer = JSONWriter()
        writer.object { writer in
            write(call, to: &writer)
            if let requestID { writer.text("_request_id", requestID) }
            if isDirty { writer.text("_dirty", spoil(of: call).name) }
        }
        return [writer.bytes]
    }
}

/// What a provider may ask while it reads a request.
struct ReadContext: Sendable {
    /// Says whose records a credential opens.
    var credentials: CredentialStore
    /// The moment the request came.
    var nowMilliseconds: Int64
}

/// What a request turned out to be.
enum ReadRequest: Sendable {
    /// A right request for records.
    case records(RecordQuery)
    /// The answer that says what is wrong.
    case refused(SimulatedResponse)
    /// The request was a login by this identity; the answer is made already.
    case login(SimulatedResponse, identity: String)
}
