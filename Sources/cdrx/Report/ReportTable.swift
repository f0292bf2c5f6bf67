/// A table of the report: its caption names it for readers of screens.
struct ReportTable {
    struct Column {
        var title: String
        /// To the right, with digits of one width.
        var isNumber = false
        /// Long text that may be broken.
        var isWrapped = false
    }

    let caption: String
    let columns: [Column]
    private var rows: [HTML] = []

    /// - Parameter titles: `>` before a title makes it a column of numbers, `~` of long text.
    init(_ caption: String, _ titles: [String]) {
        self.caption = caption
        columns = titles.map { title in
            switch title.first {
            case ">": Column(title: String(title.dropFirst()), isNumber: true)
            case "~": Column(title: String(title.dropFirst()), isWrapped: true)
            default: Column(title: title)
            }
        }
    }

    var isEmpty: Bool { rows.isEmpty }

    /// Adds a row; its first cell is its head.
    mutating func append(_ cells: [HTML]) {
        let made = zip(columns, cells).enumerated().map { index, pair -> HTML in
            let (column, cell) = pair
            let style: HTML =
                column.isNumber ? " class=\"n\"" : column.isWrapped ? " class=\"wrap\"" : ""
            return index == 0
                ? "<th scope=\"row\"\(style)>\(cell)</th>" : "<td\(style)>\(cell)</td>"
        }
        rows.append("<tr>\(made.reduce(into: HTML("")) { $0 += $1 })</tr>")
    }

    /// The table in a region that scrolls by itself, by keyboard too.
    var html: HTML {
        let heads = columns.map { column -> HTML in
            column.isNumber
                ? "<th scope=\"col\" class=\"n\">\(column.title)</th>"
                : "<th scope=\"col\">\(column.title)</th>"
        }
        return """
            <div class="scroll" role="region" tabindex="0" aria-label="\(caption)"><table>
            <caption><span>\(caption)</span></caption>
            <thead><tr>\(heads.reduce(into: HTML("")) { $0 += $1 })</tr></thead>
            <tbody>
            \(HTML(joining: rows))
            </tbody></table></div>
            """
    }

    /// The same, closed until somebody opens it.
    func folded(_ summary: String) -> HTML {
        """
        <details><summary>\(summary)</summary>
        \(html)
        </details>
        """
    }
}
