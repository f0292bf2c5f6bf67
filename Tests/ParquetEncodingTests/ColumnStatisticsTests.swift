import Testing

@testable import ParquetEncoding

@Suite struct ColumnStatisticsTests {
    private func text(_ bound: ColumnStatistics.Bound) -> String {
        String(decoding: bound.bytes, as: UTF8.self)
    }

    @Test func shortTextsAreTheirOwnBounds() {
        let text = String(repeating: "a", count: 64)
        #expect(
            ColumnStatistics.lowerBound(of: text.utf8)
                == .init(bytes: Array(text.utf8), isExact: true))
        #expect(
            ColumnStatistics.upperBound(of: text.utf8)
                == .init(bytes: Array(text.utf8), isExact: true))
    }

    @Test func longTextsAreCutBeforeACharacter() {
        let bound = ColumnStatistics.lowerBound(of: ("a" + String(repeating: "é", count: 40)).utf8)
        #expect(!bound.isExact)
        #expect(text(bound) == "a" + String(repeating: "é", count: 31))
    }

    @Test func upperBoundsEndWithTheNextCharacter() {
        let bound = ColumnStatistics.upperBound(of: String(repeating: "a", count: 65).utf8)
        #expect(text(bound) == String(repeating: "a", count: 63) + "b")
        #expect(!bound.isExact)
    }

    @Test func theLastCharacterBeforeTheSurrogatesIsFollowedByTheFirstBehindThem() {
        let bound = ColumnStatistics.upperBound(of: String(repeating: "\u{D7FF}", count: 30).utf8)
        #expect(text(bound) == String(repeating: "\u{D7FF}", count: 20) + "\u{E000}")
    }

    @Test func charactersWithoutASuccessorAreDropped() {
        let highest = "\u{10FFFF}"
        let bound = ColumnStatistics.upperBound(
            of: ("a" + String(repeating: highest, count: 30)).utf8)
        #expect(text(bound) == "b")
    }

    @Test func aTextOfHighestCharactersStaysWhole() {
        let text = String(repeating: "\u{10FFFF}", count: 17)
        let bound = ColumnStatistics.upperBound(of: text.utf8)
        #expect(bound == .init(bytes: Array(text.utf8), isExact: true))
    }

    @Test func boundaryOrderLooksAtBothBoundsAndSkipsPagesOfNulls() {
        func page(_ least: UInt8, _ greatest: UInt8) -> ColumnStatistics {
            ColumnStatistics(
                nullCount: 0, least: .init(bytes: [least], isExact: true),
                greatest: .init(bytes: [greatest], isExact: true))
        }
        let nulls = ColumnStatistics(nullCount: 9)
        #expect(
            PageIndex.boundaryOrder(of: [page(1, 5), nulls, page(2, 5)], type: .string)
                == .ascending)
        #expect(
            PageIndex.boundaryOrder(of: [page(4, 5), nulls, page(1, 2)], type: .string)
                == .descending)
        #expect(PageIndex.boundaryOrder(of: [page(1, 5), page(2, 4)], type: .string) == .unordered)
    }
}
