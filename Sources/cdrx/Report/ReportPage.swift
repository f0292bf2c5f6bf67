import ExportModel
import ExportRun
import RunLedger

/// The report as a page: nothing to load, nothing to run.
struct ReportPage {
    private let data: ReportData
    private let counts: [ReportedState: Int]

    init(_ data: ReportData) {
        self.data = data
        counts = data.streams.reduce(into: [:]) { $0.merge($1.counts, uniquingKeysWith: +) }
    }

    var html: HTML {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
        style-src 'unsafe-inline'; img-src data:">
        <link rel="icon" href="data:,">
        <title>\(data.pipeline.name): cdrx report</title>
        <style>
        \(HTML(stringLiteral: ReportStyle.css))
        </style>
        </head>
        <body>
        <a class="skip" href="#streams">Skip to the streams</a>
        \(header)
        <main>
        <section aria-labelledby="streams"><h2 id="streams">Streams</h2>
        \(streamTable)
        \(HTML(joining: data.streams.map { StreamSection($0, data).html }))
        </section>
        \(section("failures", "Failures", failures))
        \(section("runs", "Runs", RunSection(data.runs).html))
        \(section("rejects", "Rejects by reason", rejects))
        \(section("changes", "Drift, late and shrunk windows", ChangeSection(data).html))
        \(notes)
        </main>
        <footer>Made by \(CDRX.tool) at \(ReportNumbers.time(data.generatedAt)) UTC of the \
        machine's clock, from ledger, manifests and files of rejects. \
        \(HTML(stringLiteral: dueNote))</footer>
        </body>
        </html>

        """
    }

    private var dueNote: String {
        let due = String(data.dueAt.iso8601.prefix(19)).replacing("T", with: " ")
        return "Which windows are due was decided for \(due) UTC."
    }

    private func section(_ id: String, _ title: String, _ content: HTML) -> HTML {
        """
        <section aria-labelledby="\(id)"><h2 id="\(id)">\(title)</h2>
        \(content)
        </section>
        """
    }

    // MARK: - The head

    private var header: HTML {
        let pipeline = data.pipeline
        return """
            <header>
            <h1>\(pipeline.name)</h1>
            <p class="soft">\(data.streams.count, "stream") to \(pipeline.output.path), \
            windows by the clock of \(pipeline.timeZoneIdentifier)</p>
            <dl class="cards">
            \(HTML(joining: cards))
            </dl>
            <nav aria-label="Sections"><ul>
            <li><a href="#streams">Streams</a></li><li><a href="#failures">Failures</a></li>
            <li><a href="#runs">Runs</a></li><li><a href="#rejects">Rejects</a></li>
            <li><a href="#changes">Drift, late and shrunk windows</a></li>
            </ul></nav>
            </header>
            """
    }

    private var cards: [HTML] {
        let due = counts.filter { $0.key != .notDue }.values.reduce(0, +)
        let complete = (counts[.complete] ?? 0) + (counts[.outdated] ?? 0)
        let gaps = data.streams.compactMap { stream in
            stream.cells.first { $0.worst.isGap }.map { ($0, stream.stream) }
        }
        let gap = gaps.min {
            ($0.0.range?.start.epochMilliseconds ?? .max)
                < ($1.0.range?.start.epochMilliseconds ?? .max)
        }
        var cards = [
            card(
                "Complete windows",
                "\(ReportNumbers.grouped(complete)) of \(ReportNumbers.grouped(due))",
                complete == due ? "is-good" : "")
        ]
        for state in CoverageCell.order where state != .complete {
            guard let count = counts[state] else { continue }
            let isBad = state == .failed || state == .missing
            cards.append(
                card(capitalized(state.words), ReportNumbers.grouped(count), isBad ? "is-bad" : ""))
        }
        let rows = data.streams.reduce(0) { $0 + $1.rows }
        cards.append(card("Rows", ReportNumbers.grouped(rows), ""))
        cards.append(card("Oldest gap", gap?.0.window ?? "none", "small", gap?.1))
        if let run = data.runs.first {
            let moment = run.startedAt.iso8601.prefix(16).replacing("T", with: " ")
            cards.append(card("Last run", String(moment), "small", "UTC, \(run.status.rawValue)"))
        }
        return cards
    }

    private func card(
        _ name: String, _ value: String, _ style: String, _ details: String? = nil
    ) -> HTML {
        let more: HTML = details.map { "<span>\($0)</span>" } ?? ""
        return "<div><dt>\(name)</dt><dd class=\"\(style)\">\(value)\(more)</dd></div>"
    }

    private func capitalized(_ text: String) -> String {
        text.prefix(1).uppercased() + text.dropFirst()
    }

    // MARK: - Tables

    private var streamTable: HTML {
        let states = ReportedState.allCases.filter { counts[$0] != nil || $0 == .complete }
        var table = ReportTable(
            "Account windows in each state, by stream",
            ["Stream", ">Accounts"] + states.map { ">" + capitalized($0.words) }
                + [">Rows", "Oldest gap", "Newest complete"])
        for stream in data.streams {
            table.append(
                ["\(stream.stream)", "\(ReportNumbers.grouped(stream.accountCount))"]
                    + states.map { "\(ReportNumbers.grouped(stream.counts[$0] ?? 0))" }
                    + [
                        "\(ReportNumbers.grouped(stream.rows))", "\(stream.oldestGap ?? "–")",
                        "\(stream.newestComplete ?? "–")",
                    ])
        }
        return "<div class=\"panel\">\(table.html)</div>"
    }

    private var failures: HTML {
        let groups = data.failures.groups
        if groups.isEmpty { return "<p>No window failed at its last attempt.</p>" }
        var table = ReportTable(
            "Windows whose last attempt failed, by stream and reason",
            [
                "Stream", "State", ">Windows", "Accounts", "First", "Last", "Code",
                "~Message of the last one",
            ])
        for group in groups {
            table.append([
                "\(group.stream)", "\(group.state.words)", "\(ReportNumbers.grouped(group.count))",
                "\(group.accountText)", "\(group.first)", "\(group.last)", "\(group.code)",
                "\(group.message)",
            ])
        }
        return "<div class=\"panel\">\(table.html)</div>"
    }

    private var rejects: HTML {
        if data.rejects.isEmpty { return "<p>No record was set aside.</p>" }
        let sorted = data.rejects.sorted {
            ($1.value, $0.key.stream, $0.key.reason, $0.key.field ?? "")
                < ($0.value, $1.key.stream, $1.key.reason, $1.key.field ?? "")
        }
        var reasons: [String: Int] = [:]
        for (group, count) in sorted { reasons[group.reason, default: 0] += count }
        let chart = RankChart(
            title: "Records set aside, by reason",
            bars: reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map {
                ($0.key.replacing("_", with: " "), $0.value)
            })
        var table = ReportTable(
            "Records set aside, by stream, reason and field",
            ["Stream", "Reason", "Field", ">Records"])
        for (group, count) in sorted {
            table.append([
                "\(group.stream)", "\(group.reason)", "\(group.field ?? "–")",
                "\(ReportNumbers.grouped(count))",
            ])
        }
        return """
            <div class="panel"><div class="charts"><div>\(chart.html)</div>\
            <div>\(table.html)</div></div></div>
            """
    }

    private var notes: HTML {
        if data.notes.isEmpty { return "" }
        let items = data.notes.map { note -> HTML in "<li>\(note)</li>" }
        return section("notes", "What could not be read", "<ul>\(HTML(joining: items))</ul>")
    }
}

extension HTML.StringInterpolation {
    /// A number with its noun; see `CountedNoun.swift`.
    mutating func appendInterpolation(_ count: Int, _ noun: String) {
        appendInterpolation(ReportNumbers.grouped(count) + " " + noun + (count == 1 ? "" : "s"))
    }
}
