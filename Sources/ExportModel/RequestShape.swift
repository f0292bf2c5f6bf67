/// How a request is made: where each of its parameters goes, and under which name.
///
/// A parameter that ``path`` names goes there, and a credential that ``auth`` names goes only there;
/// every other one to the place that it states, or else to ``defaultPlace``.
public struct RequestShape: Hashable, Sendable {
    public enum Method: String, CaseIterable, Sendable {
        case get = "GET"
        case post = "POST"
    }

    public enum BodyEncoding: String, CaseIterable, Sendable {
        /// A dot in a name nests: `paging.page` is `{"paging":{"page":…}}`.
        case json
        /// application/x-www-form-urlencoded
        case form
        /// multipart/form-data
        case multipart
    }

    public var method: Method
    /// Appended to the base URL; may be empty, and hold ``PathTemplate`` names.
    public var path: String
    /// Of a POST's body; a GET has none.
    public var encoding: BodyEncoding
    /// nil: credentials are parameters like any other.
    public var auth: RequestAuth?
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
        method: Method = .post, path: String, encoding: BodyEncoding = .json,
        auth: RequestAuth? = nil, fixed: [NamedValue], credentials: [CredentialField],
        window: WindowParameters?, requestID: RequestIDParameter?, optional: [OptionalParameter],
        paging: Paging?
    ) {
        self.method = method
        self.path = path
        self.encoding = encoding
        self.auth = auth
        self.fixed = fixed
        self.credentials = credentials
        self.window = window
        self.requestID = requestID
        self.optional = optional
        self.paging = paging
    }

    /// Where a parameter goes that says nothing else.
    public var defaultPlace: ParameterPlace { method == .get ? .query : .body }

    /// Whether a credential goes nowhere but where ``auth`` and ``path`` name it.
    public func isInAuth(_ credential: CredentialField) -> Bool {
        auth?.credentials.contains(credential.name) ?? false
    }
}

/// Where in a request a parameter stands.
public enum ParameterPlace: String, CaseIterable, Sendable {
    case query, header, body
}

/// How credentials show who asks; the texts are names of credentials unless said otherwise.
public enum RequestAuth: Hashable, Sendable {
    /// `Authorization: Basic …` (RFC 7617).
    case basic(user: String, password: String)
    /// `Authorization: Bearer …` (RFC 6750).
    case bearer(token: String)
    /// A header called `name`, with `prefix` before the credential.
    case header(name: String, value: String, prefix: String)
    /// A query parameter called `name`.
    case query(name: String, value: String)

    /// Names of the credentials it takes.
    public var credentials: [String] {
        switch self {
        case .basic(let user, let password): [user, password]
        case .bearer(let token): [token]
        case .header(_, let value, _), .query(_, let value): [value]
        }
    }
}

/// A parameter value: JSON bodies write an int as a number, text as a string.
public enum ParameterValue: Hashable, Sendable {
    case int(Int64)
    case text(String)
    case bool(Bool)

    /// The value without quotes, as a form sends it.
    public var text: String {
        switch self {
        case .int(let value): String(value)
        case .text(let value): value
        case .bool(let value): String(value)
        }
    }
}

/// A parameter with its value.
public struct NamedValue: Hashable, Sendable {
    public var name: String
    public var value: ParameterValue
    /// nil: ``RequestShape/defaultPlace``.
    public var place: ParameterPlace?

    public init(name: String, value: ParameterValue, place: ParameterPlace? = nil) {
        self.name = name
        self.value = value
        self.place = place
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
    /// nil: ``RequestShape/defaultPlace``.
    public var place: ParameterPlace?
    /// What it is and where a customer finds it; empty where the entry does not say.
    public var summary: String

    public init(
        name: String, type: ParameterType, place: ParameterPlace? = nil, summary: String = ""
    ) {
        self.name = name
        self.type = type
        self.place = place
        self.summary = summary
    }
}

/// The parameter that takes one request id.
public struct RequestIDParameter: Hashable, Sendable {
    public var name: String
    /// nil: ``RequestShape/defaultPlace``.
    public var place: ParameterPlace?
    /// The unified column that the id fills, since the answer does not repeat it.
    public var column: UnifiedColumn?

    public init(name: String, place: ParameterPlace? = nil, column: UnifiedColumn?) {
        self.name = name
        self.place = place
        self.column = column
    }
}

/// A documented request parameter that a pipeline's `params` may set.
public struct OptionalParameter: Hashable, Sendable {
    public var name: String
    public var type: ParameterType
    /// nil: ``RequestShape/defaultPlace``.
    public var place: ParameterPlace?
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
        name: String, type: ParameterType, place: ParameterPlace? = nil,
        allowed: [ParameterValue], defaultValue: ParameterValue?,
        drainValue: ParameterValue? = nil, drainedValue: ParameterValue? = nil,
        summary: String = ""
    ) {
        self.summary = summary
        self.name = name
        self.type = type
        self.place = place
        self.allowed = allowed
        self.defaultValue = defaultValue
        self.drainValue = drainValue
        self.drainedValue = drainedValue
    }
}

/// The login call of an endpoint whose tokens expire. An OAuth 2 grant (RFC 6749) is one too.
public struct Login: Hashable, Sendable {
    /// Scheme, host, port and prefix; nil: the stream's own base URL.
    public var baseURL: String?
    public var request: RequestShape
    public var response: AnswerRules
    /// Where the answer holds the token.
    public var tokenPath: JSONPath
    /// Where the answer says how many seconds the token lives; nil: it does not.
    public var lifetimePath: JSONPath?
    /// The credential of the endpoint that the token is sent as.
    public var issues: String

    public init(
        baseURL: String? = nil, request: RequestShape, response: AnswerRules, tokenPath: JSONPath,
        lifetimePath: JSONPath? = nil, issues: String
    ) {
        self.baseURL = baseURL
        self.request = request
        self.response = response
        self.tokenPath = tokenPath
        self.lifetimePath = lifetimePath
        self.issues = issues
    }
}
