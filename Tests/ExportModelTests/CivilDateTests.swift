import ExportModel
import Testing

@Suite struct CivilDateTests {
    @Test func everyDayFollowsTheOneBefore() throws {
        var date = try #require(CivilDate(year: 1, month: 1, day: 1))
        let first = date.daysSinceEpoch
        #expect(first == -719_162)
        for days in first...2_932_896 {
            // `#expect` of millions of days takes seconds.
            guard date == CivilDate(daysSinceEpoch: days), date.daysSinceEpoch == days else {
                Issue.record("day \(days) is not \(date)")
                return
            }
            if days == 2_932_896 { break }
            if date.day < CivilDate.dayCount(year: date.year, month: date.month) {
                date.day += 1
            } else {
                date.day = 1
                date.month += 1
            }
            if date.month == 13 {
                date.month = 1
                date.year += 1
            }
        }
        #expect(date.description == "9999-12-31")
    }

    @Test(arguments: [
        (1900, 28), (2000, 29), (2023, 28), (2024, 29), (2100, 28),
    ])
    func februaryFollowsTheGregorianRule(year: Int, days: Int) {
        #expect(CivilDate.dayCount(year: year, month: 2) == days)
    }

    @Test(arguments: ["2024-02-29", "0001-01-01", "9999-12-31"])
    func datesReadBack(text: String) {
        #expect(CivilDate(iso8601: text)?.description == text)
    }

    @Test(arguments: ["2023-02-29", "2024-2-29", "2024-02-30", "2024-02-29 ", "+024-02-29", ""])
    func otherTextIsNoDate(text: String) {
        #expect(CivilDate(iso8601: text) == nil)
    }
}
