/// The keys that a catalog file knows, by the mapping they stand in.
enum CatalogKeys {
    static let file = ["provider", "base_url", "endpoints"]
    static let entry = [
        "endpoint", "title", "document", "inferred", "request", "response", "key",
        "key_has_ordinal", "time",
        "source_timezone", "constants", "null_values", "fields", "login", "report",
    ]
    static let request = [
        "method", "path", "encoding", "auth", "fixed", "credentials", "window", "request_id",
        "optional", "paging",
    ]
    static let login = [
        "base_url", "method", "path", "encoding", "auth", "fixed", "credentials", "rules", "token",
        "expires_in", "issues",
    ]
    static let auth = ["type", "user", "password", "token", "name", "value", "prefix"]
    static let placed = ["value", "in"]
    static let credential = ["name", "type", "in", "summary"]
    static let window = [
        "start", "end", "interval", "template", "date", "days", "format", "start_bound",
        "end_bound", "timezone", "selects", "reach", "maximum_span",
    ]
    static let requestID = ["name", "in", "column"]
    static let optional = [
        "name", "type", "in", "allowed", "default", "drain", "drained", "summary",
    ]
    static let paging = [
        "page", "offset", "next", "link", "cursor", "parameter", "first", "size", "default_size",
        "maximum_size", "end",
    ]
    static let report = ["id", "poll", "every", "done", "failed", "link", "download", "rules"]
    static let cursor = ["path", "parameter"]
    static let endMark = ["path", "accepts"]
    static let response = [
        "rows", "total", "confirm", "maximum_results", "echoes", "rules", "body", "expand",
    ]
    static let total = ["header", "page_count"]
    static let echo = ["path", "parameter"]
    static let rules = ["success", "failures", "error_texts"]
    static let condition = ["path", "accepts", "may_be_absent"]
    static let rule = ["status", "path", "codes", "texts", "without", "means"]
    static let presence = ["field", "present", "absent"]
    static let field = [
        "name", "type", "column", "required", "null_values", "translation", "stays_in_extra",
        "notes", "summary", "may_be_absent", "source", "first_of",
    ]
    static let translation = ["values", "others"]
    static let notes = ["message", "created_at", "agent"]
}
