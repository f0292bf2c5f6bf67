/// How records are had that the provider first makes a report of: one request starts it, others ask
/// whether it is ready, and one gets its file, which is the only page.
public struct Report: Hashable, Sendable {
    /// Where the file of a report lies that is ready.
    public enum File: Hashable, Sendable {
        /// A link in the answer that says so, absolute or relative to its request.
        case link(JSONPath)
        /// A path under the base URL; `{id}` stands for the report's id.
        case path(String)
    }

    /// The name that stands for the report's id in paths.
    public static let idName = "id"

    /// Where the answer that starts a report has its id.
    public var id: JSONPath
    /// Path that is asked, by GET, whether the report is ready; `{id}` stands for its id.
    public var pollPath: String
    /// Between two such requests.
    public var intervalMilliseconds: Int64
    /// Of an answer that says that the report is ready.
    public var done: Paging.EndMark
    /// Of an answer that says that the provider could not make it; nil: none says so.
    public var failed: Paging.EndMark?
    public var file: File
    /// What the answers before the file mean.
    public var rules: AnswerRules

    public init(
        id: JSONPath, pollPath: String, intervalMilliseconds: Int64, done: Paging.EndMark,
        failed: Paging.EndMark? = nil, file: File, rules: AnswerRules
    ) {
        self.id = id
        self.pollPath = pollPath
        self.intervalMilliseconds = intervalMilliseconds
        self.done = done
        self.failed = failed
        self.file = file
        self.rules = rules
    }

    /// The paths under the base URL that requests for a report go to.
    public var paths: [String] {
        if case .path(let path) = file { [pollPath, path] } else { [pollPath] }
    }
}
