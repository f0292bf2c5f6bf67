import ExportModel
import Testing

@Suite struct TimestampTests {
    private func moment(_ milliseconds: Int64) -> Timestamp {
        Timestamp(epochMilliseconds: milliseconds)
    }

    @Test func theSupportedYearsHaveFourDigits() {
        #expect(Timestamp.supported.lowerBound.iso8601 == "0001-01-01T00:00:00.000Z")
        #expect(Timestamp.supported.upperBound.iso8601 == "9999-12-31T23:59:59.999Z")
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_654_182_968_809, "2022-06-02T15:16:08.809Z"),
        ] as [(Int64, String)])
    func textIsISO8601(milliseconds: Int64, text: String) {
        #expect(moment(milliseconds).iso8601 == text)
    }

    @Test func orderAndStepsAreThoseOfTheMilliseconds() {
        #expect(moment(-1) < moment(0) && !(moment(0) < moment(0)))
        #expect(moment(5).advanced(milliseconds: -7) == moment(-2))
    }

    @Test func aRangeHoldsItsStartAndNotItsEnd() {
        let range = TimeRange(start: moment(-10), end: moment(10))
        let isInside = [-11, -10, 9, 10].map { range.contains(moment($0)) }
        #expect(isInside == [false, true, true, false])
        #expect(range.durationMilliseconds == 20)
        let empty = TimeRange(start: moment(3), end: moment(3))
        #expect(!empty.contains(moment(3)) && empty.durationMilliseconds == 0)
    }

    @Test func aRangeThatEndsBeforeItStartsTraps() async {
        await #expect(processExitsWith: .failure) {
            _ = TimeRange(
                start: Timestamp(epochMilliseconds: 1), end: Timestamp(epochMilliseconds: 0))
        }
    }
}
