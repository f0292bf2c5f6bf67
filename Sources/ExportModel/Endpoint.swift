/// One provider call that lists records, described by data: a catalog entry.
public struct Endpoint: Hashable, Sendable {
    /// `<provider>.<version>.<call>`, as in `telecmi.v1.outanswered`.
    public var id: String
    public var title: String
    /// The document the entry was written from.
    public var document: String
    /// What no document says and was concluded from other calls or from client code; empty: all
    /// of it is documented.
    public var inferred: [String]
    /// What the unified column `provider` says.
    public var provider: String
    /// Scheme, host, port and prefix; nil where the customer must say.
    public var defaultBaseURL: String?
    /// How a request is made.
    public var request: RequestShape
    /// Where rows and totals lie, and what an answer means.
    public var response: ResponseShape
    /// Names of the fields that identify a record together; the request id and an ordinal are added
    /// where `keyHasOrdinal` is set, because equal records are then different ones. Empty where those
    /// two are enough.
    public var key: [String]
    public var keyHasOrdinal: Bool
    /// Name of the field with the record's start.
    public var timeField: String
    /// Zone of zone-less times, unless the pipeline says otherwise.
    public var sourceZone: SourceZone
    /// Every documented field of a record, in the document's order.
    public var fields: [Field]
    public var constants: [ConstantColumn]
    /// The call that trades other credentials for the one named `Login.issues`; nil if there is
    /// none.
    public var login: Login?
    /// How the request's records are had where it only starts a report of them; nil: it answers
    /// with them.
    public var report: Report?

    public init(
        id: String, title: String, document: String, provider: String, defaultBaseURL: String?,
        request: RequestShape, response: ResponseShape, key: [String], keyHasOrdinal: Bool,
        timeField: String, sourceZone: SourceZone, fields: [Field],
        constants: [ConstantColumn], login: Login?, report: Report? = nil, inferred: [String] = []
    ) {
        self.inferred = inferred
        self.id = id
        self.title = title
        self.document = document
        self.provider = provider
        self.defaultBaseURL = defaultBaseURL
        self.request = request
        self.response = response
        self.key = key
        self.keyHasOrdinal = keyHasOrdinal
        self.timeField = timeField
        self.sourceZone = sourceZone
        self.fields = fields
        self.constants = constants
        self.login = login
        self.report = report
    }

    /// Index into ``fields``; nil if the entry has no such field.
    public func fieldIndex(_ name: String) -> Int? {
        fields.firstIndex { $0.name == name }
    }
}
