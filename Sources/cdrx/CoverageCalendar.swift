import ExportModel
import ExportRun

/// A stream's windows as a calendar of characters: a cell a window, a line a month of days, a day of
/// hours, a year of months, or a row of request lists.
struct CoverageCalendar {
    /// A line: what it is called, and its cells by place.
    private struct Line {
        var name: String
        var cells: [Int: ReportedState] = [:]
    }

    /// Lines of a stream that are printed; earlier ones are counted.
    private static let maximumLineCount = 14
    private static let batchesPerLine = 40

    private let coverage: StreamCoverage
    private let lines: [Line]
    /// Of the newest windows' lines.
    private let ruler: String

    init(_ coverage: StreamCoverage) {
        self.coverage = coverage
        var lines: [Line] = []
        var places: [String: Int] = [:]
        var batchCount = 0
        for cell in coverage.cells {
            guard let key = WindowKey(cell.window) else { continue }
            let (name, column) = Self.place(of: key, &batchCount)
            if places[name] == nil {
                places[name] = lines.count
                lines.append(Line(name: name))
            }
            guard let line = places[name] else { continue }
            // The second of two hours of one name stands with the first.
            let former = lines[line].cells[column]
            lines[line].cells[column] = former.map { Self.worse($0, cell.worst) } ?? cell.worst
        }
        self.lines = lines
        ruler = Self.ruler(for: coverage.cells.last.flatMap { WindowKey($0.window) })
    }

    func print(_ terminal: Terminal) {
        guard let width = lines.map(\.name.count).max() else { return }
        let accounts = coverage.accountCount
        Console.printData("")
        Console.printData(
            coverage.stream + (accounts > 1 ? " (\(accounts) accounts)" : ""))
        if !ruler.isEmpty {
            let indent = String(repeating: " ", count: width + 4)
            Console.printData(indent + ruler)
        }
        let shown = lines.suffix(Self.maximumLineCount)
        if shown.count < lines.count {
            Console.printData("  " + earlier(lines.count - shown.count))
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

    private func text(of line: Line, _ terminal: Terminal) -> String {
        guard let last = line.cells.keys.max() else { return "" }
        return (0...last).map { column in
            line.cells[column].map { Self.symbol(of: $0, terminal) } ?? " "
        }.joined()
    }

    /// Counts what the lines that are left out hold.
    private func earlier(_ lineCount: Int) -> String {
        var counts: [ReportedState: Int] = [:]
        for line in lines.prefix(lineCount) {
            for state in line.cells.values { counts[state, default: 0] += 1 }
        }
        let parts = CoverageCell.order.reversed().compactMap { state in
            counts[state].map { "\($0) \(state.words)" }
        }
        return "earlier: " + parts.joined(separator: ", ")
    }

    private static func place(
        of key: WindowKey, _ batchCount: inout Int
    ) -> (line: String, column: Int) {
        switch key {
        case .hour(let date, let hour, _): return ("\(date)", hour)
        case .day(let date): return (String("\(date)".prefix(7)), date.day - 1)
        case .month(let year, let month): return ("\(year)", month - 1)
        case .batch:
            defer { batchCount += 1 }
            let line = batchCount / batchesPerLine
            return (line == 0 ? "lists" : "lists \(line + 1)", batchCount % batchesPerLine)
        }
    }

    /// Every fifth day, every sixth hour, every third month.
    private static func ruler(for key: WindowKey?) -> String {
        let (marks, width): ([Int], Int) =
            switch key {
            case .hour: ([0, 6, 12, 18], 24)
            case .day: ([1, 5, 10, 15, 20, 25, 30], 31)
            case .month: ([1, 4, 7, 10], 12)
            case .batch, nil: ([], 0)
            }
        let first = marks.first ?? 0
        var text = Array(repeating: Character(" "), count: width + 1)
        for mark in marks {
            for (offset, digit) in "\(mark)".enumerated() { text[mark - first + offset] = digit }
        }
        while text.last == " " { text.removeLast() }
        return String(text)
    }

    private static func worse(_ one: ReportedState, _ other: ReportedState) -> ReportedState {
        CoverageCell.order.first { $0 == one || $0 == other } ?? one
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
