import ExportModel
import Extraction
import Logging
import Publication
import RunLedger

/// Records what became of windows of one stream and account.
struct WindowRecorder {
    /// What all windows of the run share.
    let shared: WindowRun.Shared
    /// The stream as it is extracted.
    let stream: Stream
    /// The account's name.
    let account: String

    /// What the ledger remembers a window by.
    func entry(of window: Window) -> LedgerEntry {
        LedgerEntry(
            identity: WindowIdentity(
                pipeline: shared.pipeline.name, stream: stream.name, account: account,
                window: "\(window.key)"),
            window: window)
    }

    /// What publication must know of a window.
    func description(of window: Window) -> PartitionDescription {
        PartitionDescription(
            pipeline: shared.pipeline.name, stream: stream.name, endpoint: stream.endpoint.id,
            account: account, window: window, schema: stream.columns.schema)
    }

    /// What messages call a window.
    func name(of window: Window) -> PlannedWindowName {
        PlannedWindowName(stream: stream.name, account: account, window: "\(window.key)")
    }

    /// What the ledger says of a window; nil if it was never begun.
    func record(of window: Window) throws(ExportError) -> WindowRecord? {
        try storing { () throws(LedgerError) in
            try shared.ledger.window(entry(of: window).identity)
        }
    }

    /// What the ledger says is published of a window.
    func standing(_ window: Window) throws(ExportError) -> PartitionOutcome? {
        try record(of: window)?.published
    }

    /// Whether a publication was made for another pipeline file: the same rows may then be written
    /// with, say, another delimiter.
    func isOutdated(_ standing: PartitionOutcome?) -> Bool {
        standing.map { $0.fingerprint != shared.fingerprints[stream.name] } ?? false
    }

    /// Puts a publication into the ledger, and into the run file unless a run file has it.
    ///
    /// - Parameter standing: what the ledger said before.
    func record(
        _ published: PublishedPartition, of window: Window, replacing standing: PartitionOutcome?,
        intake: WindowIntake, requestCount: Int
    ) throws(ExportError) {
        let counts = intake.counts
        let manifest = published.manifest
        let isKnown = !published.changed && standing.map { $0.holds(manifest) } ?? false
        let moment = shared.environment.clock.now()
        let outcome = PartitionOutcome(
            // The run whose run file lists the content. That is this one too where a killed run
            // published it and could not record it.
            runID: isKnown ? standing?.runID ?? shared.runID : shared.runID,
            publishedAt: moment, directory: published.location.relativePath, rows: manifest.rows,
            rejects: manifest.rejects,
            byteCount: manifest.files.reduce(0) { $0 + Int64($1.bytes) },
            lateRows: intake.rowChanges?.late ?? 0, changedRows: intake.rowChanges?.changed ?? 0,
            fingerprint: shared.fingerprints[stream.name] ?? "",
            contentSHA256: manifest.contentSHA256)
        let archived = ArchivedOutcome(
            versionID: outcome.runID + ".0", rows: manifest.rows, rejects: manifest.rejects,
            duplicates: counts.duplicates, outsideWindow: counts.outsideWindow,
            reportedTotal: counts.reportedTotal, requests: requestCount, archivedAt: moment,
            runID: shared.runID)
        let entry = entry(of: window)
        let failure = intake.mismatch.map { failure in
            FailureRecord(
                runID: shared.runID, failedAt: moment, kind: failure.kind, code: failure.code,
                message: failure.message)
        }
        try storing { () throws(LedgerError) in
            try shared.ledger.markComplete(entry, archived, outcome, failure, by: shared.runID)
        }
        try storing { () throws(LedgerError) in
            try KeptRejects(shared.ledger.directory, disk: shared.environment.disk).remove(
                of: entry.identity)
        }
        if let note = published.note { shared.environment.logger.notice("\(note)") }
        if let gone = intake.rowChanges?.gone, gone > 0 {
            shared.environment.logger.warning(
                """
                \(entry.identity): \(gone) published \(gone == 1 ? "row is" : "rows are") gone at \
                the provider, and so from the partition now
                """)
        }
        if !isKnown { shared.manifests.add(published) }
    }

    /// The result of a publication, for the report.
    func result(
        _ published: PublishedPartition, of window: Window, intake: WindowIntake, requestCount: Int
    ) -> WindowResult {
        var result = WindowResult(
            name(of: window), status: published.changed ? .published : .unchanged)
        if let mismatch = intake.mismatch {
            result.status = .unreconciled
            result.failure = WindowResult.Failure(
                kind: mismatch.kind, code: mismatch.code, message: mismatch.message)
        }
        result.directory = published.location.relativePath
        result.rows = published.manifest.rows
        result.rejects = published.manifest.rejects
        result.rejectReasons = intake.rejects.reasons
        result.absentFields = intake.absentFields.names
        result.duplicates = intake.counts.duplicates
        result.outsideWindow = intake.counts.outsideWindow
        result.trailingCommaPages = intake.counts.trailingCommaPages
        result.rowChanges = intake.rowChanges
        result.requests = requestCount
        return result
    }
}

extension PartitionOutcome {
    /// Whether the ledger recorded the content that a manifest describes.
    func holds(_ manifest: Manifest) -> Bool {
        rows == manifest.rows && rejects == manifest.rejects && isComplete == manifest.complete
            && contentSHA256 == manifest.contentSHA256
    }
}
