import ExportModel
import ExportRun
import Logging
import Planning
import RunLedger

/// Prints what runs did: a table or JSON on stdout, the summary on stderr.
struct ReportPrinter {
    /// With more windows the table has a line a stream.
    private static let maximumTableRows = 200

    let format: ConsoleOptions.DataFormat
    let logger: Logger

    func print(_ reports: [RunReport]) {
        switch format {
        case .json: for report in reports { Console.printData(JSONReport.run(report)) }
        case .table: printTable(reports.flatMap(\.windows))
        }
        for report in reports { summarize(report) }
    }

    private func printTable(_ windows: [WindowResult]) {
        guard !windows.isEmpty else { return }
        windows.count <= Self.maximumTableRows ? printWindows(windows) : printStreams(windows)
    }

    private func printWindows(_ windows: [WindowResult]) {
        var table = TextTable([
            ("STREAM", .left), ("ACCOUNT", .left), ("WINDOW", .left), ("STATE", .left),
            ("CHANGED", .left), ("ROWS", .right), ("REJECTS", .right), ("PARTITION", .left),
        ])
        for window in windows {
            let isOpen = window.directory == nil
            table.append([
                window.stream, window.account, window.window,
                window.state == .failed
                    ? "failed: \(window.failure?.code ?? "")" : window.state.words,
                window.status == .published ? "yes" : "no",
                isOpen ? "-" : "\(window.rows)", isOpen ? "-" : "\(window.rejects)",
                window.directory ?? "-",
            ])
        }
        table.print()
    }

    private func printStreams(_ windows: [WindowResult]) {
        var table = TextTable([
            ("STREAM", .left), ("WINDOWS", .right), ("COMPLETE", .right), ("CHANGED", .right),
            ("FAILED", .right), ("ROWS", .right), ("REJECTS", .right),
        ])
        var order: [String] = []
        for window in windows where !order.contains(window.stream) { order.append(window.stream) }
        for stream in order {
            let own = windows.filter { $0.stream == stream }
            table.append([
                stream, "\(own.count)", "\(own.count { $0.state == .complete })",
                "\(own.count { $0.status == .published })",
                "\(own.count { $0.failure != nil })",
                "\(own.reduce(0) { $0 + $1.rows })", "\(own.reduce(0) { $0 + $1.rejects })",
            ])
        }
        table.print()
    }

    private func summarize(_ report: RunReport) {
        let windows = report.windows
        let published = windows.count { $0.status == .published }
        var parts = ["\(published, "window") published"]
        let unchanged = windows.count { $0.status == .unchanged }
        if unchanged > 0 { parts.append("\(unchanged) unchanged") }
        if report.skippedComplete > 0 { parts.append("\(report.skippedComplete) complete already") }
        if !report.notDue.isEmpty { parts.append("\(report.notDue.count) not due yet") }
        let unreconciled = windows.count { $0.status == .unreconciled }
        if unreconciled > 0 { parts.append("\(unreconciled) published unreconciled") }
        let shrunk = windows.count { $0.status == .shrunk }
        if shrunk > 0 { parts.append("\(shrunk) shrunk") }
        let failed = windows.count { $0.status == .failed }
        if failed > 0 { parts.append("\(failed) failed") }
        let interrupted = report.interruptedWindows.count
        if interrupted > 0 { parts.append("\(interrupted) interrupted") }
        let skipped = windows.count { $0.status == .skipped }
        if skipped > 0 { parts.append("\(skipped) skipped") }
        if report.notStarted > 0 { parts.append("\(report.notStarted) not begun") }
        let rows = windows.reduce(0) { $0 + $1.rows }
        logger.info(
            """
            \(report.pipeline): \(parts.joined(separator: ", ")); \(rows) rows, \
            \(report.requests) requests
            """)
        if skipped > 0 {
            logger.warning(
                """
                \(skipped) windows skipped, because connections to the provider failed for \
                \(RunReport.failuresBeforeGivingUp) windows in a row; the next run tries them
                """)
        }
        summarizeRecords(windows)
        for windows in report.outdated { logger.warning("\(windows.message)") }
        for stream in report.streamsWithoutDates {
            logger.notice("\(stream): a request list has no dates, so backfill leaves it out")
        }
        if let path = report.runFile, published + unreconciled > 0 {
            logger.info("what to load: \(path)")
        }
    }

    private func summarizeAbsentFields(_ windows: [WindowResult]) {
        var counts: [[String]: Int] = [:]
        for window in windows {
            for field in window.absentFields { counts[[window.stream, field], default: 0] += 1 }
        }
        for (names, count) in counts.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
            let extent = count == 1 ? "one window" : "\(count) windows"
            logger.warning(
                """
                \(names[0]): no record of \(extent) has the field `\(names[1])`, so its column is \
                null; check its name in the endpoint's entry, or say `may_be_absent: true` there
                """)
        }
    }

    private func summarizeRecords(_ windows: [WindowResult]) {
        let changes = windows.compactMap(\.rowChanges)
        let late = changes.reduce(0) { $0 + $1.late }
        let changed = changes.reduce(0) { $0 + $1.changed }
        let gone = changes.reduce(0) { $0 + $1.gone }
        if late + changed > 0 {
            logger.notice("\(late, "row") came late, \(changed) rows changed since the last export")
        }
        if gone > 0 { logger.warning("\(gone) rows are gone since the last export") }
        var reasons: [Reject.Reason: Int] = [:]
        for window in windows { reasons.merge(window.rejectReasons, uniquingKeysWith: +) }
        for (reason, count) in reasons.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            logger.warning("\(count, "record") set aside: \(reason.rawValue)")
        }
        summarizeAbsentFields(windows)
        let commas = windows.reduce(0) { $0 + $1.trailingCommaPages }
        if commas > 0 {
            logger.notice("\(commas, "page") had a comma before a closing bracket; it was ignored")
        }
    }
}
