import ExportModel
import ExportRun
import Foundation
import Publication
import RunLedger

/// All that a report shows of a pipeline, as ledger, manifests and files of rejects have it.
struct ReportData {
    /// What the partitions of a window hold.
    struct WindowContent {
        /// nil where a partition does not know.
        var answered: Int? = 0
        var missed: Int? = 0
        /// Records that came again under a known key.
        var duplicates = 0
        var lateRows = 0
        var changedRows = 0
    }

    /// Records that were set aside for one reason.
    struct RejectGroup: Hashable {
        var stream: String
        var reason: String
        /// nil where the whole record is at fault.
        var field: String?
    }

    /// Runs of the history.
    static let maximumRunCount = 100
    /// Windows of a stream whose manifests are read, the newest.
    static let maximumWindowCount = 1_000
    /// Shrunk windows that are named.
    static let maximumShrunkCount = 200

    let pipeline: Pipeline
    let generatedAt: Timestamp
    /// What decides which windows are due.
    let dueAt: Timestamp
    private(set) var streams: [StreamCoverage] = []
    /// Stream → window → content.
    private(set) var contents: [String: [String: WindowContent]] = [:]
    /// The newest first.
    private(set) var runs: [RunRecord] = []
    private(set) var rejects: [RejectGroup: Int] = [:]
    private(set) var failures = FailureGroups()
    /// Account windows of which the provider has fewer rows than are published.
    private(set) var shrunk: [CoveredWindow] = []
    /// Files of rejects and manifests that cannot be read, and why.
    private(set) var notes: [String] = []

    /// Reads it.
    init(
        of pipeline: Pipeline, _ inspection: PipelineInspection, streams: Set<String>?,
        accounts: Set<String>?, since: LocalHour?, dueAt: Timestamp
    ) throws(ExportError) {
        self.pipeline = pipeline
        self.dueAt = dueAt
        generatedAt = SystemClock.now()
        var failures = FailureGroups()
        var shrunk: [CoveredWindow] = []
        var refused: [WindowRecord] = []
        self.streams = try inspection.coverage(
            streams: streams, accounts: accounts, since: since, now: dueAt
        ) { window in
            failures.add(window)
            if window.state == .shrunk, shrunk.count < Self.maximumShrunkCount {
                shrunk.append(window)
            }
            if let record = window.record, record.failure?.kind == .tooManyRejects {
                refused.append(record)
            }
        }
        (self.failures, self.shrunk) = (failures, shrunk)
        runs = try inspection.runs(limit: Self.maximumRunCount)
        try readPartitions(inspection, streams)
        for record in refused { try readKeptRejects(inspection, record) }
    }

    private mutating func readPartitions(
        _ inspection: PipelineInspection, _ names: Set<String>?
    ) throws(ExportError) {
        var shown: [String: Set<String>] = [:]
        for stream in streams {
            shown[stream.stream] = Set(
                stream.cells.suffix(Self.maximumWindowCount).map(\.window))
        }
        for partition in try inspection.partitions(streams: names) {
            let identity = partition.identity
            guard shown[identity.stream]?.contains(identity.window) == true else { continue }
            var content = contents[identity.stream]?[identity.window] ?? WindowContent()
            content.lateRows += partition.published.lateRows
            content.changedRows += partition.published.changedRows
            do throws(ExportError) {
                content.add(try inspection.manifest(of: partition))
                if partition.published.rejects > 0 {
                    for line in try inspection.rejects(of: partition) {
                        count(line, of: identity.stream)
                    }
                }
            } catch {
                (content.answered, content.missed) = (nil, nil)
                notes.append("\(identity): \(error.message)")
            }
            contents[identity.stream, default: [:]][identity.window] = content
        }
    }

    private mutating func readKeptRejects(
        _ inspection: PipelineInspection, _ record: WindowRecord
    ) throws(ExportError) {
        guard let path = try inspection.keptRejects(of: record) else { return }
        do {
            for line in try RejectsFile().lines(ofFile: path) {
                count(line, of: record.identity.stream)
            }
        } catch {
            notes.append("\(record.identity): \(error.message)")
        }
    }

    private mutating func count(_ line: [UInt8], of stream: String) {
        struct Line: Decodable {
            var reason: String
            var field: String?
        }
        guard let line = try? JSONDecoder().decode(Line.self, from: Data(line)) else {
            notes.append("\(stream): a line of rejects is no JSON; `cdrx verify` names the file")
            return
        }
        let group = RejectGroup(stream: stream, reason: line.reason, field: line.field)
        rejects[group, default: 0] += 1
    }
}

extension ReportData.WindowContent {
    fileprivate mutating func add(_ manifest: Manifest) {
        for account in manifest.accounts where account.state == .complete {
            answered = account.answered.flatMap { more in answered.map { $0 + more } }
            missed = account.missed.flatMap { more in missed.map { $0 + more } }
            duplicates += account.duplicates
        }
    }
}
