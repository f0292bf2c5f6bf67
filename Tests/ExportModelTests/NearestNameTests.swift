import Testing

@testable import ExportModel

@Suite struct NearestNameTests {
    @Test(
        arguments: [
            ("dya", "day"), ("Hour", "hour"), ("mnth", "month"), ("weekly", nil), ("", nil),
            ("day", "day"),
        ] as [(String, String?)])
    func nearestIsFewEditsAway(name: String, nearest: String?) {
        #expect(NearestName.nearest(to: name, among: ["hour", "day", "month"]) == nearest)
    }

    @Test func swapOfNeighboursIsOneEdit() {
        #expect(NearestName.distance(Array("tokne".utf8), Array("token".utf8)) == 1)
        #expect(NearestName.distance(Array("kitten".utf8), Array("sitting".utf8)) == 3)
        #expect(NearestName.distance([], Array("abc".utf8)) == 3)
    }
}
