/// Rows of text as aligned columns.
struct TextTable {
    enum Alignment {
        case left, right
    }

    private let titles: [(String, Alignment)]
    private var rows: [[String]] = []

    init(_ titles: [(String, Alignment)]) {
        self.titles = titles
    }

    mutating func append(_ cells: [String]) {
        rows.append(cells)
    }

    /// Lines without trailing spaces, the titles first.
    var lines: [String] {
        let all = [titles.map(\.0)] + rows
        let widths = titles.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { cells in
            let line = cells.indices.map { column in
                let padding = String(repeating: " ", count: widths[column] - cells[column].count)
                return titles[column].1 == .left ? cells[column] + padding : padding + cells[column]
            }.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    func print() {
        for line in lines { Console.printData(line) }
    }
}
