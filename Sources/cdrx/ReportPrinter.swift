import ExportModel
import ExportRun

/// Prints what runs did: a table or JSON on stdout, the summary on stderr.
struct ReportPrinter {
    /// With more windows the table has a line a stream.
    private static let maximumTableRows = 200

    let format: ConsoleOptions.DataFormat
    let log: EventLog

    func print(_ reports: [RunReport]) {
        switch format {
        case .json, .ndjson: for report in reports { Console.printData(JSONReport.run(report)) }
        case .table: printTable(reports.flatMap(\.windows))
        }
        for report in reports {
            for event in report.summary { log.write(event) }
        }
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
}
