/// The keys that a pipeline file knows, by the mapping they stand in.
///
/// `pipelines/pipeline.schema.json` states the same; a test compares the two.
enum PipelineKeys {
    static let root = [
        "pipeline", "timezone", "state", "requests_per_second", "lanes", "endpoints", "windows",
        "extract", "archive", "output", "on_success", "on_failure", "streams",
    ]
    static let windows = ["every", "range", "settle", "refresh", "catch_up_from", "shrink"]
    static let between = ["from", "to"]
    static let extract = [
        "pages_in_flight", "windows_in_flight", "requests_per_second", "slice_pages", "page_size",
        "timeout", "attempts", "max_rejects", "confirm", "on_mismatch", "ca_file",
    ]
    static let output = [
        "path", "endpoint", "region", "path_style", "sse", "kms_key", "storage_class", "partition",
        "publish", "buckets", "format", "compression", "level", "columns", "part_bytes",
        "timestamps", "csv",
        "parquet",
    ]
    static let archive = ["keep"]
    static let endCommand = ["command", "timeout"]
    static let csv = ["delimiter", "header", "null", "newline"]
    static let parquet = ["bloom_filters", "data_page_version"]
    static let stream = [
        "stream", "endpoint", "base_url", "login_url", "source_timezone", "params", "accounts",
        "requests", "for_each",
        "windows", "extract", "numbers", "currency",
    ]
    static let accountsFile = ["file"]
    static let requests = ["file", "ids", "batch"]
    static let forEach = ["stream", "field"]
    /// Beside this one, an account has the credentials of its endpoint.
    static let account = "account"
}
