/// Object keys from a body's root, written with dots: `data.result.bills`.
public struct JSONPath: Hashable, Sendable, CustomStringConvertible {
    public var keys: [String]

    public init(_ keys: [String]) {
        self.keys = keys
    }

    public init(dotted: String) {
        keys = dotted.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    public var description: String { keys.joined(separator: ".") }
}

/// Where rows and total lie, and what an answer means.
public struct ResponseShape: Hashable, Sendable {
    public var rows: JSONPath
    public var total: JSONPath
    public var rules: AnswerRules

    public init(rows: JSONPath, total: JSONPath, rules: AnswerRules) {
        self.rows = rows
        self.total = total
        self.rules = rules
    }
}

/// What an answer without usable rows means for the walk.
public enum AnswerClass: String, CaseIterable, Sendable {
    /// A failure that passes: ask again.
    case retry
    case authentication
    case badRequest = "bad_request"
    /// The account or machine is not set up for the call.
    case configuration
    /// The id asked for is not known; only at endpoints that are asked by id.
    case unknownID = "unknown_id"
}

/// How values inside the body distinguish success and the kinds of failure.
public struct AnswerRules: Hashable, Sendable {
    /// A value that must stand in the body of a success.
    public struct Condition: Hashable, Sendable {
        public var path: JSONPath
        /// Accepted values, as text: `200`, `false`.
        public var accepted: [String]
        /// Whether a body without the path passes.
        public var mayBeAbsent: Bool

        public init(path: JSONPath, accepted: [String], mayBeAbsent: Bool) {
            self.path = path
            self.accepted = accepted
            self.mayBeAbsent = mayBeAbsent
        }
    }

    /// The first rule that matches classifies a body that is no success.
    public struct Rule: Hashable, Sendable {
        public var path: JSONPath
        /// Matching integers, as closed ranges: 500…599.
        public var codes: [ClosedRange<Int64>]
        /// If not empty, one of these (lower case) must also be part of the error text.
        public var texts: [String]
        /// If set, nothing must stand there.
        public var emptyPath: JSONPath?
        public var meaning: AnswerClass

        public init(
            path: JSONPath, codes: [ClosedRange<Int64>], texts: [String],
            emptyPath: JSONPath? = nil, meaning: AnswerClass
        ) {
            self.path = path
            self.codes = codes
            self.texts = texts
            self.emptyPath = emptyPath
            self.meaning = meaning
        }
    }

    /// All must hold.
    public var success: [Condition]
    public var failures: [Rule]
    /// Where the provider explains an error, tried in order.
    public var errorTexts: [JSONPath]

    public init(success: [Condition], failures: [Rule], errorTexts: [JSONPath]) {
        self.success = success
        self.failures = failures
        self.errorTexts = errorTexts
    }

    /// Every path the rules look at, each once.
    public var paths: [JSONPath] {
        var found: [JSONPath] = []
        for path in success.map(\.path) + failures.map(\.path) + failures.compactMap(\.emptyPath)
            + errorTexts
        where !found.contains(path) {
            found.append(path)
        }
        return found
    }
}
