public import Archive
public import ExportModel
public import FileSystem
import Planning
public import RunLedger

/// What of the archive has had its time: `archive: {keep: …}`, counted from the window's end or from
/// when it was archived, whichever came later.
///
/// A window stays as long as an account of it is not published, because the partition would be made
/// of it when that account comes. The windows of a drain stay too: nobody can ask for their records again.
public struct ArchiveKeeping {
    private let pipeline: Pipeline
    private let archive: Archive
    private let ledger: Ledger

    public init(_ pipeline: Pipeline, archive: Archive, ledger: Ledger) {
        self.pipeline = pipeline
        self.archive = archive
        self.ledger = ledger
    }

    /// Removes what need not be kept. The ledger learns it first, so that no plan counts on it.
    ///
    /// Looks at the names of the files, and only at the windows whose time has come.
    ///
    /// - Parameter streams: nil for all.
    /// - Returns: what went, by stream and window.
    @discardableResult
    public func prune(
        streams: Set<String>? = nil, at now: Timestamp, dryRun: Bool = false
    ) throws(ExportError) -> [PrunedWindow] {
        var pruned: [PrunedWindow] = []
        for (stream, key) in try due(at: now) where streams?.contains(stream) != false {
            let window = try archiving(try archive.window(stream: stream, key: key))
            let byteCount = try archiving(try window.byteCount)
            pruned.append(PrunedWindow(stream: stream, window: key, byteCount: byteCount))
            if dryRun { continue }
            try storing(try ledger.markPruned(pipeline: pipeline.name, windows: [(stream, key)]))
            try archiving(try window.remove())
        }
        return pruned
    }

    /// The same for a pipeline that no run has open.
    ///
    /// - Parameter holder: named to whoever finds the ledger held meanwhile.
    /// - Throws: `ledger_locked` where a run is going on.
    public static func prune(
        _ pipeline: Pipeline, streams: Set<String>?, at now: Timestamp, dryRun: Bool,
        holder: LockHolder, fileSystem: any Disk
    ) throws(ExportError) -> [PrunedWindow] {
        let (directory, output) = (pipeline.stateDirectory, pipeline.output.identity)
        // Without a ledger there is nothing to go by, and no reason to make one.
        guard var ledger = try storing(try Ledger.openReadOnly(directory, output: output))
        else { return [] }
        if !dryRun {
            let lock = try storing(try LedgerLock.acquire(directory, as: holder))
            ledger = try storing(try Ledger.open(lock: lock, output: output))
        }
        let archive = Archive(directory.path, pipeline: pipeline.name, fileSystem: fileSystem)
        return try Self(pipeline, archive: archive, ledger: ledger).prune(
            streams: streams, at: now, dryRun: dryRun)
    }

    /// Windows that nothing needs any more.
    private func due(at now: Timestamp) throws(ExportError) -> [(stream: String, key: String)] {
        let limit: Timestamp
        switch pipeline.archive {
        case .forever: return []
        case .untilPublished: limit = now
        case .milliseconds(let keep): limit = now.advanced(milliseconds: -keep)
        }
        let clock = try KeyClock(zone: pipeline.timeZoneIdentifier, limit: limit)
        var due: [(stream: String, key: String)] = []
        let windows = try archiving(try archive.windows(stream: nil))
        for (stream, key) in windows {
            if pipeline.streams.contains(where: { $0.name == stream && $0.isDrain }) { continue }
            let end = clock.end(of: key)
            if case .later = end { continue }
            let records = try storing(
                try ledger.accounts(pipeline: pipeline.name, stream: stream, window: key))
            guard !isNeeded(records, stream: stream), records.allSatisfy({ isOver($0, limit) })
            else { continue }
            due.append((stream, key))
        }
        return due
    }

    /// Whether a partition may still have to be made of it. Accounts that left the pipeline file
    /// need nothing; of a window that the ledger does not know nobody can say.
    private func isNeeded(_ records: [WindowRecord], stream: String) -> Bool {
        if records.isEmpty { return true }
        let accounts = pipeline.streams.first { $0.name == stream }.map {
            Set($0.accounts.map(\.name))
        }
        return records.contains { record in
            guard accounts?.contains(record.identity.account) != false else { return false }
            // Accounts that no run was asked for have no record, but are missing.
            return record.published?.isComplete == false
                || (record.state != .complete && record.state != .shrunk)
        }
    }

    /// What a backfill of old windows brought is kept as long as all else.
    private func isOver(_ record: WindowRecord, _ limit: Timestamp) -> Bool {
        record.archived.map { $0.archivedAt <= limit } ?? true
    }
}

/// A window whose archive went, or would go.
public struct PrunedWindow: Hashable, Sendable {
    public var stream: String
    /// ``WindowKey/description``
    public var window: String
    public var byteCount: Int
}

/// Compares the ends of windows with a limit, by their keys.
private struct KeyClock {
    enum End {
        /// The window ends after the limit.
        case later
        case past
        /// The key does not say.
        case unknown
    }

    private let cutter: WindowCutter
    private let limit: Timestamp
    /// A key that sorts after this one ends later than the limit in every zone.
    private let latestKey: String

    init(zone: String, limit: Timestamp) throws(ExportError) {
        do {
            cutter = try WindowCutter(timeZoneIdentifier: zone)
        } catch {
            throw ExportError(.configuration, error)
        }
        self.limit = limit
        latestKey = String(limit.advanced(milliseconds: 86_400_000).iso8601.prefix(10)) + "U"
    }

    func end(of key: String) -> End {
        if key.first?.isNumber == true, key > latestKey { return .later }
        guard let range = cutter.range(ofKey: key) else { return .unknown }
        return range.end <= limit ? .past : .later
    }
}
