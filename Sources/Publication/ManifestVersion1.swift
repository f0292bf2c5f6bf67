/// A manifest of the shape before ``Manifest``: of one account, in `<stream>/account=…/…`, without
/// digests of the rows. Such partitions are read and verified until another one replaces them.
struct ManifestVersion1: Decodable {
    static let version = 1

    var pipeline: String
    var stream: String
    var endpoint: String
    var account: String
    var window: ManifestWindow
    var rows: Int
    var rejects: Int
    var duplicates: Int
    var outsideWindow: Int
    var reportedTotal: Int
    /// Missing from the oldest, which were all reconciled.
    var reconciled: Bool?
    var firstStartedAt: ManifestTime?
    var lastStartedAt: ManifestTime?
    var columns: [ManifestColumn]
    var schemaSHA256: String
    var files: [ManifestFile]
    var rejectsFile: String?
    var runID: String
    var extractedAt: ManifestTime
    var tool: String

    enum CodingKeys: String, CodingKey {
        case pipeline, stream, endpoint, account, window, rows, rejects, duplicates
        case outsideWindow = "outside_window"
        case reportedTotal = "reported_total"
        case reconciled
        case firstStartedAt = "first_started_at"
        case lastStartedAt = "last_started_at"
        case columns
        case schemaSHA256 = "schema_sha256"
        case files
        case rejectsFile = "rejects_file"
        case runID = "run_id"
        case extractedAt = "extracted_at"
        case tool
    }
}

extension Manifest {
    /// The same in the words of the present version. The digest of its content is empty.
    init(_ old: ManifestVersion1) {
        manifestVersion = ManifestVersion1.version
        pipeline = old.pipeline
        stream = old.stream
        endpoint = old.endpoint
        window = old.window
        accounts = [ManifestAccount(old)]
        rows = old.rows
        rejects = old.rejects
        columns = old.columns
        schemaSHA256 = old.schemaSHA256
        contentSHA256 = ""
        settingsSHA256 = ""
        files = old.files
        rejectsFile = old.rejectsFile
        runID = old.runID
        publishedAt = old.extractedAt
        tool = old.tool
    }
}

extension ManifestAccount {
    fileprivate init(_ old: ManifestVersion1) {
        account = old.account
        rows = old.rows
        rejects = old.rejects
        duplicates = old.duplicates
        outsideWindow = old.outsideWindow
        reportedTotal = old.reportedTotal
        reconciled = old.reconciled ?? true
        firstStartedAt = old.firstStartedAt
        lastStartedAt = old.lastStartedAt
        extractedAt = old.extractedAt
    }
}
