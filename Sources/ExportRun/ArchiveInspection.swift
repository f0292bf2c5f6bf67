public import Archive
public import ExportModel
public import FileSystem
import Planning
import RunLedger

/// What the archive of a pipeline holds, without changing it.
public struct ArchiveInspection {
    private let pipeline: Pipeline
    private let fileSystem: any Disk

    public init(_ pipeline: Pipeline, fileSystem: any Disk) {
        self.pipeline = pipeline
        self.fileSystem = fileSystem
    }

    // MARK: - What there is

    /// Hands out every archived window, by stream and key.
    ///
    /// - Parameters:
    ///   - streams: nil for all.
    ///   - accounts: whose versions are counted; nil for all.
    public func forEachWindow(
        streams: Set<String>?, accounts: Set<String>?,
        _ body: (ArchivedWindowSummary) -> Void
    ) throws(ExportError) {
        let cutter = try cutter()
        try forEach(streams, accounts: accounts) { (stream, key, window) throws(ExportError) in
            var summary = ArchivedWindowSummary(
                stream: stream, window: key, range: cutter.range(ofKey: key))
            for account in window.accounts where accounts?.contains(account) != false {
                let versions = window.versions(of: account)
                summary.accounts += 1
                summary.versions += versions.count
                summary.slices += versions.reduce(0) { $0 + $1.sliceCount }
            }
            summary.byteCount = try archiving(try window.byteCount)
            if summary.accounts > 0 || accounts == nil { body(summary) }
        }
    }

    // MARK: - Whether it is whole

    /// Reads every block, and looks for every version that the ledger counts on.
    ///
    /// - Returns: also how many windows were read.
    public func verify(
        streams: Set<String>?
    ) throws(ExportError) -> (windows: Int, problems: [ArchiveProblem]) {
        var count = 0
        var problems: [ArchiveProblem] = []
        var known: [String: [String: Set<String>]] = [:]
        var reported: [String: Set<String>] = [:]
        try forEach(streams) { (stream, key, window) throws(ExportError) in
            count += 1
            let findings = try archiving(try window.verify())
            problems += findings.map { ArchiveProblem(stream, key, $0) }
            // What is said to be lost need not be missed too.
            let lost = findings.flatMap(\.accounts).map { key + "/" + $0 }
            reported[stream, default: []].formUnion(lost)
            let ids = window.accounts.flatMap { window.versions(of: $0) }.map(\.id)
            known[stream, default: [:]][key] = Set(ids)
        }
        let ledger = try storing(
            try Ledger.openReadOnly(pipeline.stateDirectory, output: pipeline.output.identity))
        let filter = WindowFilter(streams: streams)
        try storing(
            try ledger?.forEachWindow(pipeline: pipeline.name, filter: filter) { record in
                guard record.archive == .kept, let id = record.archived?.versionID,
                    known[record.identity.stream]?[record.identity.window]?.contains(id) != true,
                    reported[record.identity.stream]?.contains(
                        record.identity.window + "/" + record.identity.account) != true
                else { return }
                problems.append(ArchiveProblem(missing: id, of: record.identity))
            })
        return (count, problems)
    }

    // MARK: - What the provider said

    /// Hands out every archived page of a window: by stream, account, version and number.
    ///
    /// - Parameters:
    ///   - key: the window's key.
    ///   - streams: nil for all.
    ///   - accounts: nil for all.
    /// - Throws: `window_not_archived` where nothing of it is there.
    public func forEachPage(
        ofWindow key: String, streams: Set<String>?, accounts: Set<String>?,
        _ body: (ExportedPage) -> Void
    ) throws(ExportError) {
        var isFound = false
        try forEach(streams, accounts: accounts, key: key) {
            (stream, _, window) throws(ExportError) in
            for account in window.accounts where accounts?.contains(account) != false {
                for version in window.versions(of: account) {
                    isFound = true
                    try export(version, stream, key, window, body)
                }
            }
        }
        if isFound { return }
        throw ExportError(
            .storage, code: .windowNotArchived,
            message: """
                the archive has nothing of window \(key); `cdrx archive list` prints what it has
                """)
    }

    private func export(
        _ version: ArchivedVersion, _ stream: String, _ key: String, _ window: WindowArchive,
        _ body: (ExportedPage) -> Void
    ) throws(ExportError) {
        let reader = try archiving(try window.makeReader(of: version))
        var number = 0
        while let slice = try archiving(try reader.next()) {
            for page in slice.pages {
                number += 1
                body(
                    ExportedPage(
                        stream: stream, window: key, version: version, request: number,
                        page: page))
            }
        }
    }

    // MARK: - Helpers

    /// A stream or account that is asked for must be the pipeline's, or in the archive.
    private func forEach(
        _ streams: Set<String>?, accounts: Set<String>? = nil, key: String? = nil,
        _ body: (String, String, WindowArchive) throws(ExportError) -> Void
    ) throws(ExportError) {
        // Anew for each look: an archive keeps the names of its files in mind.
        let archive = Archive(
            pipeline.stateDirectory.path, pipeline: pipeline.name, fileSystem: fileSystem)
        let windows = try archiving(try archive.windows(stream: nil))
        try pipeline.requireKnown(
            streams: streams?.subtracting(windows.map(\.stream)), accounts: nil)
        var unseenAccounts = accounts ?? []
        for (stream, found) in windows
        where streams?.contains(stream) != false && (key == nil || key == found) {
            let window = try archiving(try archive.window(stream: stream, key: found))
            unseenAccounts.subtract(window.accounts)
            try body(stream, found, window)
        }
        try pipeline.requireKnown(streams: nil, accounts: unseenAccounts)
    }

    private func cutter() throws(ExportError) -> WindowCutter {
        do {
            return try WindowCutter(timeZoneIdentifier: pipeline.timeZoneIdentifier)
        } catch {
            throw ExportError(.configuration, error)
        }
    }
}

/// What the archive has of one window.
public struct ArchivedWindowSummary: Hashable, Sendable {
    public var stream: String
    /// ``WindowKey/description``
    public var window: String
    /// nil for a request list.
    public var range: TimeRange?
    public var accounts = 0
    /// Complete ones, and open ones that a run will go on with.
    public var versions = 0
    public var slices = 0
    /// Of the window's files.
    public var byteCount = 0
}

/// Something of the archive that cannot be read, or is not there.
public struct ArchiveProblem: Hashable, Sendable {
    public var stream: String
    public var window: String
    /// Whose versions are affected, as far as it is known.
    public var accounts: [String]
    /// nil where no file is to blame.
    public var path: String?
    /// Where in the file the damage begins.
    public var byte: Int?
    public var message: String

    init(_ stream: String, _ window: String, _ finding: ArchiveFinding) {
        self.stream = stream
        self.window = window
        accounts = finding.accounts
        path = finding.path
        byte = finding.offset
        message = finding.message
    }

    init(missing version: String, of window: WindowIdentity) {
        stream = window.stream
        self.window = window.window
        accounts = [window.account]
        message = """
            the ledger counts on version \(version), which is not in the archive; the window is \
            asked for again when its partition must be made anew
            """
    }
}

/// A response as the archive has it.
public struct ExportedPage: Sendable {
    public var stream: String
    public var window: String
    public var version: ArchivedVersion
    /// Counts the pages of the version, from 1.
    public var request: Int
    public var page: ArchivedPage

    /// What became of the version: `complete`, `unreconciled`, `refused` because of its rejects, or
    /// `open` where the next run goes on with it.
    public var status: String {
        guard let end = version.end else { return "open" }
        if end.isRefused { return "refused" }
        return end.mismatch == nil ? "complete" : "unreconciled"
    }
}
