import ExportModel
import ExportRun

/// `cdrx plan --summary`: a line an account.
struct AccountTable {
    private let summary: PlanSummary

    init(_ summary: PlanSummary) {
        self.summary = summary
    }

    func print() {
        var table = TextTable([
            ("STREAM", .left), ("ACCOUNT", .left), ("WINDOWS", .right), ("ARCHIVE", .right),
            ("REQUESTS", .right), ("SECONDS", .right), ("BY", .left),
        ])
        for account in summary.accounts {
            table.append([
                account.stream, account.account, "\(account.windows)",
                "\(account.archivedWindows)", "\(account.requests)",
                "\(Int(account.seconds.rounded(.up)))", account.basis.rawValue,
            ])
        }
        table.print(fitting: Terminal.standardOutput().columnCount)
        let windows = summary.accounts.reduce(0) { $0 + $1.windows + $1.archivedWindows }
        let requests = summary.accounts.reduce(0) { $0 + $1.requests }
        Console.printMessage(
            "\(windows, "window") of \(summary.accounts.count, "account"), \(requests, "request"), "
                + "\(Int(summary.seconds.rounded(.up))) s at the rates that are allowed")
        if summary.accounts.contains(where: { $0.basis == .minimum }) {
            Console.printMessage(
                "`minimum`: nothing is known of such windows, each counts as one request; --probe "
                    + "asks the provider")
        }
    }
}

extension JSONReport {
    /// Prints a plan by its accounts.
    static func print(
        _ summary: PlanSummary, _ format: ConsoleOptions.DataFormat, of pipeline: Pipeline
    ) {
        var writer = JSONReportWriter(
            "plan-summary", format, pipeline: pipeline.name, list: "accounts")
        var counts: [PlanSummary.Basis: Int] = [:]
        for account in summary.accounts {
            counts[account.basis, default: 0] += 1
            var object = JSONObject()
            object.add("stream", account.stream)
            object.add("account", account.account)
            object.add("windows", account.windows)
            object.add("archived_windows", account.archivedWindows)
            object.add("requests", account.requests)
            object.add("basis", account.basis.rawValue)
            object.add("seconds", Int(account.seconds.rounded(.up)))
            writer.append(object)
        }
        var members = JSONObject()
        members.add("requests", summary.accounts.reduce(0) { $0 + $1.requests })
        members.add("seconds", Int(summary.seconds.rounded(.up)))
        writer.finish(
            counts: PlanSummary.Basis.allCases.compactMap { basis in
                counts[basis].map { (basis.rawValue, $0) }
            }, members)
    }
}
