import ExportModel
import ExportRun

/// A stream's windows as a calendar: a cell a window, in rows as ``CalendarGrid`` lays them out.
struct CalendarChart {
    private static let labelWidth = 62.0
    private static let plotWidth = 300.0
    private static let maximumRowHeight = 14.0
    private static let headHeight = 13.0

    private let coverage: StreamCoverage
    private let grid: CalendarGrid
    /// Between the starts of two cells.
    private let pitch: Double
    private let rowHeight: Double

    init(_ coverage: StreamCoverage) {
        self.coverage = coverage
        grid = CalendarGrid(coverage.cells.map { ($0.window, $0.worst) })
        pitch = Self.plotWidth / Double(max(grid.columnCount, 1))
        rowHeight = min(pitch, Self.maximumRowHeight)
    }

    var svg: HTML {
        let height = Self.headHeight + Double(grid.lines.count) * rowHeight + 1
        let width = Self.labelWidth + Self.plotWidth
        let counts = CoverageCell.order.reversed().compactMap { state in
            coverage.counts[state].map { "\(ReportNumbers.grouped($0)) \(state.words)" }
        }
        let name = "Calendar of \(coverage.stream): \(counts.joined(separator: ", "))"
        let marks = HTML(
            joining: grid.marks.map { mark in
                """
                <text x="\(number(x(of: mark.column)))" y="9">\(mark.label)</text>
                """
            })
        return """
            <svg class="chart" role="img" aria-label="\(name)" viewBox="0 0 \(number(width)) \
            \(number(height))">
            \(marks)
            \(HTML(joining: grid.lines.enumerated().map { line($0.element, $0.offset) }))
            </svg>
            """
    }

    private func line(_ line: CalendarGrid.Line, _ index: Int) -> HTML {
        let y = Self.headHeight + Double(index) * rowHeight
        let label: HTML = """
            <text x="0" y="\(number(y + rowHeight - 3))">\(line.name)</text>
            """
        let cells = line.cells.sorted { $0.key < $1.key }.map { cell($0.value, $0.key, y) }
        return HTML(joining: [label] + cells)
    }

    private func cell(_ cell: CalendarGrid.Cell, _ column: Int, _ y: Double) -> HTML {
        let (width, height) = (pitch - 1.5, rowHeight - 1.5)
        let inset = cell.state == .missing ? 0.5 : 0
        let rectangle: HTML = """
            <rect class="\(cell.state.rawValue)" x="\(number(x(of: column) + inset))" \
            y="\(number(y + inset))" width="\(number(width - 2 * inset))" \
            height="\(number(height - 2 * inset))" rx="1.5"><title>\(cell.name): \
            \(cell.state.words)</title></rect>
            """
        guard let mark = Self.mark(of: cell.state) else { return rectangle }
        return rectangle + """
            <text class="mark" aria-hidden="true" x="\(number(x(of: column) + width / 2))" \
            y="\(number(y + height / 2 + 2.5))">\(mark)</text>
            """
    }

    private func x(of column: Int) -> Double { Self.labelWidth + Double(column) * pitch }

    /// For whoever cannot distinguish the colors; nil for what is as it should be.
    static func mark(of state: ReportedState) -> String? {
        switch state {
        case .complete, .notDue: nil
        case .missing: "–"
        case .skipped: "K"
        default: String(state.rawValue.prefix(1)).uppercased()
        }
    }

    /// The states that occur, with their colors.
    static func legend(of coverage: StreamCoverage) -> HTML {
        let seen = Set(coverage.cells.map(\.worst))
        let items = ReportedState.allCases.filter(seen.contains).map { state -> HTML in
            let mark = mark(of: state).map { " (\($0))" } ?? ""
            return """
                <li><svg viewBox="0 0 11 11" aria-hidden="true"><rect class="\(state.rawValue)" \
                x=".5" y=".5" width="10" height="10" rx="1.5"/></svg>\(state.words)\(mark)</li>
                """
        }
        return "<ul class=\"legend\">\(HTML(joining: items))</ul>"
    }
}

/// A number of an attribute, with two decimals at most.
func number(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    return "\(sign)\(whole)." + (rest < 10 ? "0\(rest)" : "\(rest)")
}
