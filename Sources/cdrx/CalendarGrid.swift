import ExportModel
import ExportRun

/// Where each window of a stream lies in a calendar: a line a month of days, a day of hours, a year
/// of months, or a row of request lists.
struct CalendarGrid {
    /// A window, or two hours of one name.
    struct Cell {
        var name: String
        var state: ReportedState
    }

    /// A line: what it is called, and its cells by column.
    struct Line {
        var name: String
        var cells: [Int: Cell] = [:]
    }

    private static let batchesPerLine = 31

    private(set) var lines: [Line] = []
    /// Columns that the newest window's kind has.
    let columnCount: Int
    /// Columns that are named above the calendar.
    let marks: [(column: Int, label: String)]

    /// - Parameter windows: keys with their states, oldest first.
    init(_ windows: [(window: String, state: ReportedState)]) {
        let last = windows.last.flatMap { WindowKey($0.window) }
        let (count, numbers): (Int, [Int]) =
            switch last {
            case .hour: (24, [0, 6, 12, 18])
            case .day: (31, [1, 5, 10, 15, 20, 25, 30])
            case .month: (12, [1, 4, 7, 10])
            case .batch, nil: (Self.batchesPerLine, [])
            }
        columnCount = count
        let first = numbers.first ?? 0
        marks = numbers.map { (column: $0 - first, label: "\($0)") }
        var places: [String: Int] = [:]
        var batchCount = 0
        for (window, state) in windows {
            guard let key = WindowKey(window) else { continue }
            let (name, column) = Self.place(of: key, &batchCount)
            if places[name] == nil {
                places[name] = lines.count
                lines.append(Line(name: name))
            }
            guard let line = places[name] else { continue }
            var cell = Cell(name: window, state: state)
            if let former = lines[line].cells[column] {
                // The second of two hours of one name stands with the first.
                cell.state = Self.worse(former.state, state)
            }
            lines[line].cells[column] = cell
        }
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

    private static func worse(_ one: ReportedState, _ other: ReportedState) -> ReportedState {
        CoverageCell.order.first { $0 == one || $0 == other } ?? one
    }
}
