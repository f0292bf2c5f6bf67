/// Where rows and total lie, how the body is written, and what an answer means.
public struct ResponseShape: Hashable, Sendable {
    /// What an answer must repeat of its request, because the provider silently changes it.
    public struct Echo: Hashable, Sendable {
        public var path: JSONPath
        /// The request parameter whose value must stand there.
        public var parameter: String

        public init(path: JSONPath, parameter: String) {
            self.path = path
            self.parameter = parameter
        }
    }

    /// How a body is written.
    public enum BodyFormat: String, CaseIterable, Sendable {
        case json
        /// One object a line.
        case ndjson
        /// RFC 4180 with a header; an empty cell without quotes is null.
        case csv

        /// What such a body is asked for as; nil for JSON.
        public var mediaType: String? {
            switch self {
            case .json: nil
            case .ndjson: "application/x-ndjson, application/json;q=0.5"
            case .csv: "text/csv, */*;q=0.5"
            }
        }
    }

    /// Where rows may lie; the first path that an answer has counts. One empty path where the body
    /// itself is the list.
    public var rows: [JSONPath]
    public var total: RecordTotal
    public var rules: AnswerRules
    /// What shows completeness where there is no exact total.
    public var confirmation: ChainConfirmation
    /// Records that one query lists at most, whatever there is; nil where there is no such limit.
    public var maximumResults: Int?
    public var echoes: [Echo]
    public var body: BodyFormat
    /// The list inside a record of which each element becomes a row; nil where a record is one.
    public var expand: JSONPath?

    public init(
        rows: [JSONPath], total: RecordTotal, rules: AnswerRules,
        confirmation: ChainConfirmation = .doubleWalk, maximumResults: Int? = nil,
        echoes: [Echo] = [], body: BodyFormat = .json, expand: JSONPath? = nil
    ) {
        self.rows = rows
        self.total = total
        self.rules = rules
        self.confirmation = confirmation
        self.maximumResults = maximumResults
        self.echoes = echoes
        self.body = body
        self.expand = expand
    }
}

/// Where an answer says how many records there are in all.
public enum RecordTotal: Hashable, Sendable, CustomStringConvertible {
    /// In the body.
    case path(JSONPath)
    /// In a header of this name.
    case header(String)
    /// Only the count of pages, in the body.
    case pageCount(JSONPath)
    /// Nowhere.
    case absent

    /// Whether it counts records.
    public var isExact: Bool {
        switch self {
        case .path, .header: true
        case .pageCount, .absent: false
        }
    }

    /// What of the body it is read from; nil where nothing is.
    public var bodyPath: JSONPath? {
        switch self {
        case .path(let path), .pageCount(let path): path
        case .header, .absent: nil
        }
    }

    public var description: String {
        switch self {
        case .path(let path): "\(path)"
        case .header(let name): "header \(name)"
        case .pageCount(let path): "page count \(path)"
        case .absent: "none"
        }
    }
}

/// What shows that a slice without an exact total is complete.
public enum ChainConfirmation: String, CaseIterable, Sendable {
    /// A second walk of the slice, after the first, has the same keys in the same order.
    case doubleWalk = "double_walk"
    /// The end of a slice, asked for by itself from the last record of the walk on, has that record
    /// and no other. It takes fewer requests, and sees only walks that were cut short.
    case overlap
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
        /// Matching HTTP statuses, as closed ranges; empty: any.
        public var statuses: [ClosedRange<Int64>]
        /// nil: the status alone decides.
        public var path: JSONPath?
        /// Matching integers, as closed ranges: 500…599.
        public var codes: [ClosedRange<Int64>]
        /// If not empty, one of these (lower case) must also be part of the error text.
        public var texts: [String]
        /// If set, nothing must stand there.
        public var emptyPath: JSONPath?
        public var meaning: AnswerClass

        public init(
            statuses: [ClosedRange<Int64>] = [], path: JSONPath?, codes: [ClosedRange<Int64>],
            texts: [String], emptyPath: JSONPath? = nil, meaning: AnswerClass
        ) {
            self.statuses = statuses
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
        for path in success.map(\.path) + failures.compactMap(\.path)
            + failures.compactMap(\.emptyPath)
            + errorTexts
        where !found.contains(path) {
            found.append(path)
        }
        return found
    }
}
