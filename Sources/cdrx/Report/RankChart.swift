/// Names with a number each, as bars that lie, in the order given.
struct RankChart {
    private static let labelWidth = 116.0
    private static let plotWidth = 196.0
    private static let rowHeight = 18.0

    let title: String
    let bars: [(name: String, value: Int)]

    var html: HTML {
        let highest = Double(bars.map(\.value).max() ?? 1)
        let drawn = bars.enumerated().map { index, bar -> HTML in
            let y = Double(index) * Self.rowHeight
            let width = max(Double(bar.value) / highest * Self.plotWidth, 1)
            return """
                <text x="0" y="\(number(y + 12))">\(bar.name)</text><rect class="missed" \
                x="\(number(Self.labelWidth))" y="\(number(y + 3))" width="\(number(width))" \
                height="12" rx="1.5"/><text x="\(number(Self.labelWidth + width + 5))" \
                y="\(number(y + 12))">\(ReportNumbers.grouped(bar.value))</text>
                """
        }
        let height = Double(bars.count) * Self.rowHeight
        let words = bars.map { "\($0.name) \(ReportNumbers.grouped($0.value))" }
        return """
            <h4>\(title)</h4>
            <svg class="chart" role="img" aria-label="\(title): \(words.joined(separator: ", "))" \
            viewBox="0 0 362 \(number(height))">
            \(HTML(joining: drawn))
            </svg>
            """
    }
}
