/// Bars side by side, each of one or more parts on top of each other, with a scale.
struct BarChart {
    /// A bar: what it is of, and its parts from the bottom up.
    struct Bar {
        var name: String
        /// For its tooltip.
        var details: String
        /// In the order of the chart's series.
        var values: [Double]
    }

    /// What parts of one kind are called.
    struct Series {
        var name: String
        /// Of the style sheet.
        var style: String
    }

    private static let labelWidth = 62.0
    private static let plotWidth = 300.0
    private static let plotHeight = 84.0
    private static let top = 8.0

    let title: String
    let series: [Series]
    let bars: [Bar]
    /// How a value of the scale is written.
    let scale: (Double) -> String

    var html: HTML {
        """
        <h4>\(title)</h4>
        \(svg)
        \(series.count > 1 ? legend : "")
        """
    }

    private var svg: HTML {
        let highest = bars.map { $0.values.reduce(0, +) }.max() ?? 0
        let maximum = Self.roundedUp(highest)
        let bottom = Self.top + Self.plotHeight
        let pitch = Self.plotWidth / Double(max(bars.count, 1))
        let width = min(max(pitch - min(1.5, pitch * 0.2), 0.4), 40)
        let lines = [0, 0.5, 1].map { share -> HTML in
            let y = bottom - share * Self.plotHeight
            return """
                <line class="grid" x1="\(number(Self.labelWidth))" \
                x2="\(number(Self.labelWidth + Self.plotWidth))" y1="\(number(y))" \
                y2="\(number(y))"/><text x="\(number(Self.labelWidth - 5))" \
                y="\(number(y + 3))" text-anchor="end">\(scale(share * maximum))</text>
                """
        }
        let drawn = bars.enumerated().map { index, bar in
            let x = Self.labelWidth + Double(index) * pitch + min((pitch - width) / 2, 0.75)
            return draw(bar, x: x, width: width, bottom: bottom, perUnit: Self.plotHeight / maximum)
        }
        return """
            <svg class="chart" role="img" aria-label="\(title): \(summary)" viewBox="0 0 \
            \(number(Self.labelWidth + Self.plotWidth)) \(number(bottom + 14))">
            \(HTML(joining: lines))
            \(HTML(joining: drawn))
            \(ends(bottom + 11))
            </svg>
            """
    }

    private func draw(
        _ bar: Bar, x: Double, width: Double, bottom: Double, perUnit: Double
    ) -> HTML {
        var y = bottom
        let parts = zip(series, bar.values).map { series, value -> HTML in
            let height = value * perUnit
            y -= height
            return """
                <rect class="\(series.style)" x="\(number(x))" y="\(number(y))" \
                width="\(number(width))" height="\(number(height))"/>
                """
        }
        return "<g><title>\(bar.name): \(bar.details)</title>\(HTML(joining: parts))</g>"
    }

    /// The first and the last bar's names below the axis.
    private func ends(_ y: Double) -> HTML {
        guard let first = bars.first, let last = bars.last else { return "" }
        let start: HTML = """
            <text x="\(number(Self.labelWidth))" y="\(number(y))">\(first.name)</text>
            """
        if bars.count < 2 { return start }
        return start + """
            <text x="\(number(Self.labelWidth + Self.plotWidth))" y="\(number(y))" \
            text-anchor="end">\(last.name)</text>
            """
    }

    /// For whoever does not see it: its extremes.
    private var summary: String {
        guard let highest = bars.max(by: { $0.values.reduce(0, +) < $1.values.reduce(0, +) }),
            let first = bars.first, let last = bars.last
        else { return "nothing" }
        return "\(bars.count) bars from \(first.name) to \(last.name); the highest is "
            + "\(highest.name), \(highest.details)"
    }

    private var legend: HTML {
        let items = series.map { series -> HTML in
            """
            <li><svg viewBox="0 0 11 11" aria-hidden="true"><rect class="\(series.style)" \
            width="11" height="11" rx="1.5"/></svg>\(series.name)</li>
            """
        }
        return "<ul class=\"legend\">\(HTML(joining: items))</ul>"
    }

    /// The next 2, 4, 6, 8 or 10 times a power of ten: half of it is a whole number too.
    private static func roundedUp(_ value: Double) -> Double {
        var power = 1.0
        while power * 10 <= value { power *= 10 }
        return [2, 4, 6, 8, 10].map { $0 * power }.first { $0 >= value } ?? value
    }
}
