import ExportRun

/// A stream's windows as a calendar of characters, a cell a window; see ``CalendarGrid``.
struct CoverageCalendar {
    /// Lines of a stream that are printed; earlier ones are counted.
    private static let maximumLineCount = 14

    private let coverage: StreamCoverage
    private let grid: CalendarGrid

    init(_ coverage: StreamCoverage) {
        self.coverage = coverage
        grid = CalendarGrid(coverage.cells.map { ($0.window, $0.worst) })
    }

    func print(_ terminal: Terminal) {
        guard let width = grid.lines.map(\.name.count).max() else { return }
        let accounts = coverage.accountCount
        Console.printData("")
        Console.printData(
            coverage.stream + (accounts > 1 ? " (\(accounts) accounts)" : ""))
        if !grid.marks.isEmpty {
            Console.printData(String(repeating: " ", count: width + 4) + ruler)
        }
        let shown = grid.lines.suffix(Self.maximumLineCount)
        if shown.count < grid.lines.count {
            Console.printData("  " + earlier(grid.lines.count - shown.count))
        }
        for line in shown {
            let padding = String(repeating: " ", count: width - line.name.count)
            Console.printData("  \(line.name)\(padding)  " + text(of: line, terminal))
        }
    }

    /// What the characters mean, of those that occur.
    static func printLegend(of streams: [StreamCoverage], _ terminal: Terminal) {
        let seen = Set(streams.flatMap { $0.cells.map(\.worst) })
        if seen.isEmpty { return }
        let words = ReportedState.allCases.filter(seen.contains).map { state in
            let isBlank = state == .notDue
            return (isBlank ? "blank" : symbol(of: state, terminal)) + " " + state.words
        }
        Console.printData("")
        Console.printData("  " + words.joined(separator: "   "))
    }

    private func text(of line: CalendarGrid.Line, _ terminal: Terminal) -> String {
        guard let last = line.cells.keys.max() else { return "" }
        return (0...last).map { column in
            line.cells[column].map { Self.symbol(of: $0.state, terminal) } ?? " "
        }.joined()
    }

    /// Counts what the lines that are left out hold.
    private func earlier(_ lineCount: Int) -> String {
        var counts: [ReportedState: Int] = [:]
        for line in grid.lines.prefix(lineCount) {
            for cell in line.cells.values { counts[cell.state, default: 0] += 1 }
        }
        let parts = CoverageCell.order.reversed().compactMap { state in
            counts[state].map { "\($0) \(state.words)" }
        }
        return "earlier: " + parts.joined(separator: ", ")
    }

    private var ruler: String {
        var text = ""
        for mark in grid.marks {
            text += String(repeating: " ", count: mark.column - text.count) + mark.label
        }
        return text
    }

    /// A character that can be told from the others without its color.
    private static func symbol(of state: ReportedState, _ terminal: Terminal) -> String {
        let (character, color): (String, Int) =
            switch state {
            case .complete: (terminal.isUnicode ? "■" : "#", 32)
            case .outdated: ("O", 36)
            case .unreconciled: ("U", 33)
            case .shrunk: ("S", 33)
            case .failed: ("F", 31)
            case .interrupted: ("I", 33)
            case .running: ("R", 36)
            case .archived: ("A", 36)
            case .skipped: ("K", 33)
            case .missing: (terminal.isUnicode ? "·" : ".", 31)
            case .notDue: (" ", 0)
            }
        guard terminal.isColored, color > 0 else { return character }
        return "\u{1B}[\(color)m\(character)\u{1B}[0m"
    }
}
