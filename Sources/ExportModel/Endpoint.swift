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
    /// Names of the fields that identify a record together; an ordinal is added where
    /// `keyHasOrdinal` is set, because equal records are then different ones.
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

    public init(
        id: String, title: String, document: String, provider: String, defaultBaseURL: String?,
        request: RequestShape, response: ResponseShape, key: [String], keyHasOrdinal: Bool,
        timeField: String, sourceZone: SourceZone, fields: [Field],
        constants: [ConstantColumn], login: Login?, inferred: [String] = []
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
    }

    /// Index into ``fields``; nil if the entry has no such field.
    public func fieldIndex(_ name: String) -> Int? {
        fields.firstIndex { $0.name == name }
    }
}

/// How a request is made.
public struct RequestShape: Hashable, Sendable {
    public enum BodyEncoding: String, CaseIterable, Sendable {
        case json
        /// application/x-www-form-urlencoded
        case form
        /// multipart/form-data
        case multipart
    }

    /// Appended to the base URL; may be empty.
    public var path: String
    public var encoding: BodyEncoding
    /// Sent as they are with every request.
    public var fixed: [NamedValue]
    public var credentials: [CredentialField]
    /// nil at endpoints that are asked by id.
    public var window: WindowParameters?
    /// The parameter that takes one request id; nil at endpoints with windows.
    public var requestID: RequestIDParameter?
    public var optional: [OptionalParameter]
    /// nil at endpoints that answer at once.
    public var paging: Paging?

    public init(
        path: String, encoding: BodyEncoding, fixed: [NamedValue], credentials: [CredentialField],
        window: WindowParameters?, requestID: RequestIDParameter?, optional: [OptionalParameter],
        paging: Paging?
    ) {
        self.path = path
        self.encoding = encoding
        self.fixed = fixed
        self.credentials = credentials
        self.window = window
        self.requestID = requestID
        self.optional = optional
        self.paging = paging
    }
}

/// A parameter value: JSON bodies write an int as a number, text as a string.
public enum ParameterValue: Hashable, Sendable {
    case int(Int64)
    case text(String)

    /// The value without quotes, as a form sends it.
    public var text: String {
        switch self {
        case .int(let value): String(value)
        case .text(let value): value
        }
    }
}

public struct NamedValue: Hashable, Sendable {
    public var name: String
    public var value: ParameterValue

    public init(name: String, value: ParameterValue) {
        self.name = name
        self.value = value
    }
}

/// What a parameter's value may look like.
public enum ParameterType: String, CaseIterable, Sendable {
    case int, text
}

/// A credential under its documented name.
public struct CredentialField: Hashable, Sendable {
    public var name: String
    public var type: ParameterType
    /// What it is and where a customer finds it; empty where the entry does not say.
    public var summary: String

    public init(name: String, type: ParameterType, summary: String = "") {
        self.name = name
        self.type = type
        self.summary = summary
    }
}

/// The parameters that bound a window, inclusively or not: no provider says.
public struct WindowParameters: Hashable, Sendable {
    public enum Format: String, CaseIterable, Sendable {
        /// A number of milliseconds since 1970 in UTC.
        case epochMilliseconds = "epoch_ms"
        /// `yyyy-mm-dd hh:mm:ss` in the source zone.
        case localDateTime = "local_datetime"
    }

    public var start: String
    public var end: String
    public var format: Format

    public init(start: String, end: String, format: Format) {
        self.start = start
        self.end = end
        self.format = format
    }
}

/// The parameter that takes one request id.
public struct RequestIDParameter: Hashable, Sendable {
    public var name: String
    /// The unified column that the id fills, since the answer does not repeat it.
    public var column: UnifiedColumn?

    public init(name: String, column: UnifiedColumn?) {
        self.name = name
        self.column = column
    }
}

/// A documented request parameter that a pipeline's `params` may set.
public struct OptionalParameter: Hashable, Sendable {
    public var name: String
    public var type: ParameterType
    /// Empty: any value of the type.
    public var allowed: [ParameterValue]
    /// Sent when the pipeline says nothing; nil: then the parameter is left out.
    public var defaultValue: ParameterValue?
    /// The value at which reading marks the records as read on the server, so that every response
    /// must be kept; nil: reading never changes anything.
    public var drainValue: ParameterValue?
    /// The value at which exactly the records marked as read are listed, so that records whose
    /// answer was lost can be found again.
    public var drainedValue: ParameterValue?
    /// What it selects, with the meaning of each allowed value; empty where the entry does not say.
    public var summary: String

    public init(
        name: String, type: ParameterType, allowed: [ParameterValue],
        defaultValue: ParameterValue?, drainValue: ParameterValue? = nil,
        drainedValue: ParameterValue? = nil, summary: String = ""
    ) {
        self.summary = summary
        self.name = name
        self.type = type
        self.allowed = allowed
        self.defaultValue = defaultValue
        self.drainValue = drainValue
        self.drainedValue = drainedValue
    }
}

/// The login call of an endpoint whose tokens expire.
public struct Login: Hashable, Sendable {
    public var request: RequestShape
    public var response: AnswerRules
    /// Where the answer holds the token.
    public var tokenPath: JSONPath
    /// The credential of the endpoint that the token is sent as.
    public var issues: String

    public init(
        request: RequestShape, response: AnswerRules, tokenPath: JSONPath, issues: String
    ) {
        self.request = request
        self.response = response
        self.tokenPath = tokenPath
        self.issues = issues
    }
}
