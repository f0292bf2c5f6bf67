import ExportModel
import Planning
import RunLedger

extension AccountRun {
    /// Reports something of the window.
    func report(
        _ name: RunEvent.Name, _ message: String,
        _ fields: [(name: RunEvent.Field, value: RunEvent.Value)] = []
    ) {
        shared.events.report(
            RunEvent(name, of: RunEvent.Subject(entry.identity), message, fields))
    }

    /// Reports that the window begins.
    ///
    /// - Parameter attempt: counts the attempts, this one included; 0 where the provider is not
    ///   asked.
    func reportStart(attempt: Int) {
        shared.events.report(.windowStarted) { name in
            RunEvent(
                name, of: RunEvent.Subject(entry.identity),
                "begins: \(planned.reason.rawValue), attempt \(attempt)",
                [(.reason, .text(planned.reason.rawValue)), (.attempt, .count(attempt))])
        }
    }

    /// Reports a slice that is verified and archived.
    func report(_ slice: ExtractedSlice) {
        shared.events.report(.sliceVerified) { name in
            let pages = slice.pages.count
            let rows = slice.rows.count
            let counts = slice.counts
            let range =
                slice.range.map { ", \($0.start.iso8601) to \($0.end.iso8601)" }
                ?? ""
            return RunEvent(
                name, of: RunEvent.Subject(entry.identity),
                "a slice is verified: \(rows) rows of \(pages) pages\(range)",
                [
                    (.rows, .count(rows)), (.pages, .count(pages)),
                    (.total, .count(counts.reportedTotal)),
                    (.duplicates, .count(counts.duplicates)),
                    (.outsideWindow, .count(counts.outsideWindow)),
                ])
        }
    }

    /// Reports that slices of an earlier run are taken.
    func reportResumption(sliceCount: Int, rows: Int) {
        report(
            .windowResumed,
            "resumes from the archive: \(sliceCount, "slice") of an earlier run with \(rows) rows",
            [(.slices, .count(sliceCount)), (.rows, .count(rows))])
    }

    // MARK: - What the window was asked with

    /// What the archived slices of a window are an answer to.
    func fingerprint(
        _ record: WindowRecord?, _ requests: RequestIDs?
    ) throws(ExportError) -> String {
        PlanFingerprint.archive(
            of: stream, window: planned.window, requests: requests,
            published: record?.publishedVersionID)
    }

    /// The list of the window as it is now; nil at endpoints with windows.
    func requestIDs() throws(ExportError) -> RequestIDs? {
        guard let list = stream.requests else { return nil }
        if let parent = list.parent {
            return try shared.parents.ids(
                parent, account: planned.account, window: planned.window)
        }
        return try RequestIDs(list, window: "\(planned.window.key)")
    }

    /// Whether the window's request ids are not those it was published with: fewer rows are what
    /// was asked for then.
    func isOtherList(_ requests: RequestIDs?) throws(ExportError) -> Bool {
        guard let requests else { return false }
        let known = try storing(try shared.ledger.requestList(of: entry.identity))
        return known != nil && known != requests.sha256
    }
}

extension RunEvent.Subject {
    /// An account window.
    init(_ identity: WindowIdentity) {
        self.init(
            stream: identity.stream, account: identity.account, window: identity.window)
    }
}
