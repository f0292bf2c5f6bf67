import ExportModel
import ExportRun

/// What the report says of one stream: calendar, rows, durations, and their numbers.
struct StreamSection {
    /// Bars of a chart: more would be thinner than a line.
    private static let maximumBarCount = 120

    private let stream: StreamCoverage
    private let contents: [String: ReportData.WindowContent]
    /// Windows that something is known of, the newest.
    private let known: [CoverageCell]

    init(_ stream: StreamCoverage, _ data: ReportData) {
        self.stream = stream
        contents = data.contents[stream.stream] ?? [:]
        known = stream.cells.filter { $0.worst != .missing && $0.worst != .notDue }
            .suffix(Self.maximumBarCount)
    }

    var html: HTML {
        let accounts = stream.accountCount
        return """
            <div class="panel">
            <h3>\(stream.stream)</h3>
            <p class="soft">\(accounts, "account"), \(stream.cells.count, "window"), \
            \(stream.rows, "row")</p>
            <div class="charts">
            <div><h4>Coverage</h4>\(CalendarChart(stream).svg)\(CalendarChart.legend(of: stream))</div>
            \(charts)
            </div>
            \(table)
            </div>
            """
    }

    /// None of a single window: there is nothing to compare.
    private var charts: HTML {
        if known.count < 2 { return "" }
        return "<div>\(rowChart.html)</div><div>\(durationChart.html)</div>"
    }

    private var newest: String {
        known.count == Self.maximumBarCount ? ", the newest \(known.count)" : ""
    }

    private var rowChart: BarChart {
        let hasStatus = known.contains { content(of: $0).answered != nil }
        let series =
            hasStatus
            ? [
                BarChart.Series(name: "answered", style: "answered"),
                BarChart.Series(name: "missed", style: "missed"),
                BarChart.Series(name: "without a status", style: "other"),
            ] : [BarChart.Series(name: "rows", style: "other")]
        let bars = known.map { cell -> BarChart.Bar in
            let content = content(of: cell)
            let total = ReportNumbers.grouped(cell.rows) + " rows"
            guard hasStatus else {
                return BarChart.Bar(
                    name: cell.window, details: total, values: [Double(cell.rows)])
            }
            let (answered, missed) = (content.answered ?? 0, content.missed ?? 0)
            return BarChart.Bar(
                name: cell.window,
                details: "\(total), \(ReportNumbers.grouped(answered)) answered, "
                    + "\(ReportNumbers.grouped(missed)) missed",
                values: [
                    Double(answered), Double(missed), Double(max(cell.rows - answered - missed, 0)),
                ])
        }
        return BarChart(
            title: "Rows a window\(newest)", series: series, bars: bars,
            scale: { ReportNumbers.grouped(Int($0)) })
    }

    private var durationChart: BarChart {
        BarChart(
            title: "Time of the last attempts\(newest)",
            series: [BarChart.Series(name: "time", style: "time")],
            bars: known.map { cell in
                BarChart.Bar(
                    name: cell.window,
                    details: ReportNumbers.duration(milliseconds: cell.attemptMilliseconds),
                    values: [Double(cell.attemptMilliseconds)])
            }, scale: { ReportNumbers.duration(milliseconds: Int64($0)) })
    }

    private func content(of cell: CoverageCell) -> ReportData.WindowContent {
        contents[cell.window]
            ?? ReportData.WindowContent(answered: nil, missed: nil)
    }

    private var table: HTML {
        let shown = stream.cells.suffix(ReportData.maximumWindowCount)
        var table = ReportTable(
            "\(stream.stream): every window, the newest first",
            [
                "Window", "State", ">Accounts", ">Rows", ">Answered", ">Missed", ">Rejects",
                ">Seen twice", ">Late", ">Changed", ">Requests", ">Time",
            ])
        for cell in shown.reversed() {
            let content = content(of: cell)
            let states = CoverageCell.order.compactMap { state in
                cell.counts[state].map { count in
                    cell.counts.count == 1
                        ? state.words : "\(ReportNumbers.grouped(count)) \(state.words)"
                }
            }
            let numbers = [
                cell.counts.values.reduce(0, +), cell.rows, content.answered, content.missed,
                cell.rejects, content.duplicates, content.lateRows, content.changedRows,
                cell.requests,
            ].map { (value: Int?) -> HTML in "\(value.map(ReportNumbers.grouped) ?? "–")" }
            table.append(
                ["\(cell.window)", "\(states.joined(separator: ", "))"] + numbers
                    + ["\(ReportNumbers.duration(milliseconds: cell.attemptMilliseconds))"])
        }
        let left = stream.cells.count - shown.count
        return table.folded(
            "Table of \(ReportNumbers.grouped(shown.count)) "
                + (shown.count == 1 ? "window" : "windows")
                + (left > 0 ? " (\(ReportNumbers.grouped(left)) older ones are left out)" : ""))
    }
}
