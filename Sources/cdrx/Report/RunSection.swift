import ExportModel
import RunLedger

/// The history of runs.
struct RunSection {
    /// The newest first.
    private let runs: [RunRecord]

    init(_ runs: [RunRecord]) {
        self.runs = runs
    }

    var html: HTML {
        if runs.isEmpty { return "<p>The pipeline has not been run yet.</p>" }
        return """
            <div class="panel">
            <div class="charts"><div>\(requestChart.html)</div><div>\(durationChart.html)</div></div>
            \(table.html)
            <p class="soft">A run that was killed has no numbers. Waits are added up over all \
            lanes, so they may exceed the run's time.</p>
            </div>
            """
    }

    private var oldestFirst: [RunRecord] { runs.reversed() }

    private var requestChart: BarChart {
        BarChart(
            title: "Requests a run",
            series: [
                BarChart.Series(name: "requests", style: "answered"),
                BarChart.Series(name: "retries", style: "missed"),
            ],
            bars: oldestFirst.map { run in
                let traffic = run.traffic ?? RequestTraffic()
                return BarChart.Bar(
                    name: name(of: run),
                    details: "\(ReportNumbers.grouped(traffic.requests)) requests, "
                        + "\(ReportNumbers.grouped(traffic.retries)) of them retries",
                    values: [
                        Double(max(traffic.requests - traffic.retries, 0)),
                        Double(traffic.retries),
                    ])
            }, scale: { ReportNumbers.grouped(Int($0)) })
    }

    private var durationChart: BarChart {
        BarChart(
            title: "Time a run took", series: [BarChart.Series(name: "time", style: "time")],
            bars: oldestFirst.map { run in
                BarChart.Bar(
                    name: name(of: run),
                    details: run.milliseconds.map(ReportNumbers.duration) ?? "not ended",
                    values: [Double(run.milliseconds ?? 0)])
            }, scale: { ReportNumbers.duration(milliseconds: Int64($0)) })
    }

    private func name(of run: RunRecord) -> String { "\(run.startedAt.iso8601.prefix(10))" }

    private var table: ReportTable {
        var table = ReportTable(
            "The newest \(runs.count == 1 ? "run" : "\(runs.count) runs"), times in UTC",
            [
                "Started", "Ended as", ">Time", ">Windows", ">Complete", ">Failed",
                ">Rows", ">Requests", ">Retries", ">429s", ">Walked again", ">Waited", ">Received",
                "~Command",
                "Run",
            ])
        for run in runs {
            let (totals, traffic) = (run.totals, run.traffic)
            let numbers = [
                totals?.windows, totals?.complete, totals?.failed, totals?.rows, traffic?.requests,
                traffic?.retries, traffic?.throttles, traffic?.rewalks,
            ].map { (value: Int?) -> HTML in "\(value.map(ReportNumbers.grouped) ?? "–")" }
            table.append(
                [
                    ReportNumbers.time(run.startedAt), "\(run.status.rawValue)",
                    "\(run.milliseconds.map(ReportNumbers.duration) ?? "–")",
                ] + numbers + [
                    "\((traffic?.waitMilliseconds).map(ReportNumbers.duration) ?? "–")",
                    "\((traffic?.responseBytes).map { ReportNumbers.bytes(Int($0)) } ?? "–")",
                    "\(run.command)", "\(run.runID)",
                ])
        }
        return table
    }
}

extension RunRecord {
    /// nil while it runs.
    fileprivate var milliseconds: Int64? {
        finishedAt.map { $0.epochMilliseconds - startedAt.epochMilliseconds }
    }
}
