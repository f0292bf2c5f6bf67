import ExportModel
import Testing

@Suite struct WindowKeyTests {
    @Test(arguments: [
        "2026-11-19", "2026-11-19T07", "2026-11-19T23-repeated", "2026-11", "batch=june",
        "batch=2026-11-19",
    ])
    func keyIsReadFromItsText(text: String) {
        #expect(WindowKey(text)?.description == text)
    }

    @Test func kindsAreKept() {
        let date = CivilDate(daysSinceEpoch: 20_776)
        for key in [
            WindowKey.day(date), .hour(date, hour: 7, isRepeated: true), .batch("x"),
            .month(year: 2026, month: 11),
        ] {
            #expect(WindowKey("\(key)") == key)
        }
    }

    @Test(arguments: [
        "", "2026", "2026-13", "2026-11-31", "2026-11-19T", "2026-11-19T24", "2026-11-19T7",
        "2026-11-19T07-", "2026-11-19 07", "2026-11-19-repeated", "june",
    ])
    func otherTextIsNone(text: String) {
        #expect(WindowKey(text) == nil)
    }
}
