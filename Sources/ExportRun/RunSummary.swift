public import ExportModel
import Planning
import RunLedger

extension RunReport {
    /// What is to be said when the run has ended: how it went in one line, then what people should
    /// know of its records.
    public var summary: [RunEvent] {
        var events = [ending] + skipped + records + absentFields
        let commas = windows.reduce(0) { $0 + $1.trailingCommaPages }
        if commas > 0 {
            events.append(
                RunEvent(
                    .commasIgnored,
                    "\(commas, "page") had a comma before a closing bracket; it was ignored",
                    [(.pages, .count(commas))]))
        }
        events += outdated.map { windows in
            RunEvent(
                .windowsOutdated, windows.message,
                [
                    (.windows, .count(windows.count)), (.reason, .text(windows.cause.rawValue)),
                    (.first, .text(windows.first)),
                ])
        }
        events += streamsWithoutDates.map { stream in
            RunEvent(
                .streamLeftOut,
                "\(stream): a request list has no dates, so backfill leaves it out")
        }
        if let runFile, windows.contains(where: \.isNewlyPublished) {
            events.append(
                RunEvent(.runFileWritten, "what to load: \(runFile)", [(.path, .text(runFile))]))
        }
        for index in events.indices {
            events[index].pipeline = pipeline
            events[index].runID = runID
        }
        return events
    }

    /// Rows of the partitions that the run's windows are in.
    public var rows: Int { windows.reduce(0) { $0 + $1.rows } }

    /// Account windows by how they ended.
    public func count(_ status: WindowResult.Status) -> Int {
        windows.count { $0.status == status }
    }

    private var ending: RunEvent {
        let published = count(.published)
        var parts = ["\(published, "window") published"]
        let others: [(Int, String)] = [
            (count(.unchanged), "unchanged"), (count(.archived), "archived"),
            (skippedComplete, "complete already"), (notDue.count, "not due yet"),
            (count(.unreconciled), "published unreconciled"), (count(.shrunk), "shrunk"),
            (count(.failed), "failed"), (count(.interrupted), "interrupted"),
            (count(.skipped), "skipped"), (notStarted, "not begun"),
        ]
        parts += others.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return RunEvent(
            .runEnded,
            """
            \(pipeline): \(parts.joined(separator: ", ")); \(rows, "row"), \(traffic.text) in \
            \(SecondsText.make(milliseconds)) s
            """,
            [
                (.exitCode, .count(Int(exitCode))), (.seconds, .milliseconds(milliseconds)),
                (.windows, .count(windows.count)), (.rows, .count(rows)),
                (.failed, .count(failures.count)), (.notStarted, .count(notStarted)),
                (.skippedComplete, .count(skippedComplete)), (.notDue, .count(notDue.count)),
                (.requests, .count(traffic.requests)), (.retries, .count(traffic.retries)),
                (.throttles, .count(traffic.throttles)), (.rewalks, .count(traffic.rewalks)),
                (.waitSeconds, .milliseconds(traffic.waitMilliseconds)),
                (.responseBytes, .count(Int(traffic.responseBytes))),
            ])
    }

    private var skipped: [RunEvent] {
        let skipped = count(.skipped)
        if skipped == 0 { return [] }
        return [
            RunEvent(
                .windowsSkipped,
                """
                \(skipped) windows skipped, because connections to the provider failed for \
                \(RunReport.failuresBeforeGivingUp) windows in a row; the next run tries them
                """, [(.windows, .count(skipped))])
        ]
    }

    private var records: [RunEvent] {
        var events: [RunEvent] = []
        let changes = windows.compactMap(\.rowChanges)
        let late = changes.reduce(0) { $0 + $1.late }
        let changed = changes.reduce(0) { $0 + $1.changed }
        let gone = changes.reduce(0) { $0 + $1.gone }
        if late + changed > 0 {
            events.append(
                RunEvent(
                    .rowsChanged,
                    "\(late, "row") came late, \(changed) rows changed since the last export",
                    [(.lateRows, .count(late)), (.changedRows, .count(changed))]))
        }
        if gone > 0 {
            events.append(
                RunEvent(
                    .rowsGone, "\(gone) rows are gone since the last export",
                    [(.goneRows, .count(gone))]))
        }
        var reasons: [Reject.Reason: Int] = [:]
        for window in windows { reasons.merge(window.rejectReasons, uniquingKeysWith: +) }
        for (reason, count) in reasons.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            events.append(
                RunEvent(
                    .recordsSetAside, "\(count, "record") set aside: \(reason.rawValue)",
                    [(.rejects, .count(count)), (.reason, .text(reason.rawValue))]))
        }
        return events
    }

    private var absentFields: [RunEvent] {
        var counts: [[String]: Int] = [:]
        for window in windows {
            for field in window.absentFields { counts[[window.stream, field], default: 0] += 1 }
        }
        return counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { names, count in
            let extent = count == 1 ? "one window" : "\(count) windows"
            return RunEvent(
                .fieldAbsent,
                """
                \(names[0]): no record of \(extent) has the field `\(names[1])`, so its column is \
                null; check its name in the endpoint's entry, or say `may_be_absent: true` there
                """, [(.field, .text(names[1])), (.windows, .count(count))])
        }
    }
}

extension WindowResult {
    fileprivate var isNewlyPublished: Bool { status == .published || status == .unreconciled }
}

extension RequestTraffic {
    /// `27 requests (2 retries, 1 answered 429, 1.5 s of pauses), 12.3 kB`
    public var text: String {
        var text = "\(requests, "request")"
        var parts: [String] = []
        if retries > 0 { parts.append(retries == 1 ? "1 retry" : "\(retries) retries") }
        if throttles > 0 { parts.append("\(throttles) answered 429") }
        if rewalks > 0 { parts.append("\(rewalks, "slice") walked again") }
        if waitMilliseconds > 0 {
            parts.append("\(SecondsText.make(waitMilliseconds)) s of pauses")
        }
        if !parts.isEmpty { text += " (\(parts.joined(separator: ", ")))" }
        return responseBytes > 0 ? "\(text), \(ByteText.make(responseBytes))" : text
    }
}

/// A number of bytes as people read it.
public enum ByteText {
    /// `812 B`, `12.3 kB`, `4.0 MB`; units are powers of 1,000.
    public static func make(_ count: Int64) -> String {
        var (tenths, unit) = (count * 10, 0)
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        while tenths >= 10_000, unit + 1 < units.count {
            tenths = (tenths + 500) / 1_000
            unit += 1
        }
        if unit == 0 { return "\(count) B" }
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }
}
