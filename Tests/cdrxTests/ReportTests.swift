import ExportRun
import Testing

@testable import cdrx

@Suite struct ReportTests {
    @Test func whatIsInterpolatedIsEscapedAndMarkupIsNot() {
        let name = "<b> & \"c\" 'd'"
        let inner: HTML = "<i>\(name)</i>"
        let outer: HTML = "<p title=\"\(name)\">\(inner) \(7)</p>"
        let escaped = "&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;"
        #expect(outer.text == "<p title=\"\(escaped)\"><i>\(escaped)</i> 7</p>")
    }

    @Test func charactersThatHTMLCannotHoldAreReplaced() {
        #expect(HTML.escaped("a\u{0}b\u{1B}[31mc\nd\te") == "a\u{FFFD}b\u{FFFD}[31mc\nd\te")
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567"), (-12_345, "−12,345"),
    ])
    func numbersAreGrouped(_ value: Int, _ text: String) {
        #expect(ReportNumbers.grouped(value) == text)
    }

    @Test(arguments: [
        (Int64(340), "340 ms"), (2_000, "2 s"), (12_499, "12.4 s"), (200_000, "3 min 20 s"),
        (7_500_000, "2 h 5 min"),
    ])
    func durationsHaveTheUnitThatFits(_ milliseconds: Int64, _ text: String) {
        #expect(ReportNumbers.duration(milliseconds: milliseconds) == text)
    }

    @Test func calendarsHaveALineAMonthOfDays() {
        let grid = CalendarGrid([
            ("2026-01-30", .complete), ("2026-01-31", .failed), ("2026-02-01", .missing),
        ])
        #expect(grid.columnCount == 31)
        #expect(grid.lines.map(\.name) == ["2026-01", "2026-02"])
        #expect(grid.lines[0].cells.keys.sorted() == [29, 30])
        #expect(grid.lines[1].cells[0]?.state == .missing)
    }

    @Test func hoursOfOneNameShowTheWorse() {
        let grid = CalendarGrid([
            ("2026-10-25T02", .complete), ("2026-10-25T02-repeated", .failed),
        ])
        #expect(grid.columnCount == 24)
        #expect(grid.lines[0].cells.mapValues(\.state) == [2: .failed])
    }

    @Test func monthsAndListsHaveLinesToo() {
        let months = CalendarGrid([("2025-12", .complete), ("2026-01", .complete)])
        #expect(months.lines.map(\.name) == ["2025", "2026"])
        let lists = CalendarGrid((0..<32).map { ("batch=\($0)", .complete) })
        #expect(lists.lines.map(\.name) == ["lists", "lists 2"])
    }
}
