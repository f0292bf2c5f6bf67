import ExportModel
import Testing

@testable import Extraction

/// Records without a readable time at the border of two windows: both see them, one sets them aside.
@Suite struct BorderTests {
    private let windows = [span(-3_600_000, 0), span(0, 3_600_000), span(3_600_000, 7_200_000)]
    /// Where a provider lists such records, around the bounds of the middle window.
    private static let places: [Int64] = [0, 3_600_000].flatMap { bound in
        [-1_500, -1_001, -1_000, -999, -1, 0, 1, 999, 1_000, 1_001, 1_500].map { bound + $0 }
    }

    /// 24 rejects came of 23 records.
    @Test(arguments: [1, 16], [true, false])
    func everyUntimedRecordIsSetAsideOnce(lanes: Int, isKeyed: Bool) throws {
        let untimed = Self.places.map { place in
            Row(id: isKeyed ? "u\(place)" : "", offset: nil, note: "\(place)", hidden: place)
        }
        for slicePages in [200, 2] {
            let provider = FakeProvider(timed + untimed)
            let walked = try windows.map {
                try walkWindow(provider, $0, lanes: lanes, slicePages: slicePages)
            }
            #expect(walked.flatMap(\.setAside).sorted() == untimed.map(\.json).sorted())
            #expect(walked.flatMap(\.ids).sorted() == timed.map(\.id).sorted())
            #expect(walked.allSatisfy { $0.restarts == 0 })
        }
    }

    /// No document states whether bounds belong to what is asked for.
    @Test(arguments: [(1, 0), (0, 1), (1, 1)] as [(Int64, Int64)])
    func boundsMayBeExclusive(first: Int64, last: Int64) throws {
        let untimed = Self.places.map {
            Row(id: "", offset: nil, note: "\($0)", hidden: $0)
        }
        let all = timed + untimed
        let transport = FakeTransport { request, _ in
            guard let from = number("from", in: request), let to = number("to", in: request),
                let page = number("page", in: request)
            else { return reply("", status: 400) }
            let asked = (from + first)...(to - last)
            let found = all.filter { asked.contains(midnight.epochMilliseconds + $0.place) }
                .sorted { $0.place > $1.place }
            let part = Array(found.dropFirst(Int(page - 1) * 10).prefix(10))
            return reply(cdr(part, total: found.count))
        }
        let walked = try windows.map { try walkWindow(transport, $0) }
        #expect(walked.flatMap(\.setAside).sorted() == untimed.map(\.json).sorted())
    }

    /// Two records may look the same; each is set aside.
    @Test func recordsThatLookTheSameAreCounted() throws {
        let twins = ([-500, -400, 600] as [Int64]).map { Row(id: "", offset: nil, hidden: $0) }
        let provider = FakeProvider(timed + twins)
        let walked = try windows.map { try walkWindow(provider, $0) }
        #expect(walked.map(\.setAside.count) == [2, 1, 0])
    }

    @Test func onlyWindowsWithSuchRecordsAskAboutBorders() throws {
        let provider = FakeProvider((0..<7).map { Row(id: "r\($0)", offset: Int64($0) * 1_000) })
        #expect(try walkWindow(provider, windows[1]).requestCount == 1)
        // In the middle of the window: no such record is near a border, which takes one look each.
        let inside = Row(id: "u", offset: nil, hidden: 1_800_000)
        let other = FakeProvider([inside])
        #expect(try walkWindow(other, windows[1]).requestCount == 3)
    }

    /// What was decided is journaled with the slice, and not asked for again.
    @Test func aRestoredSliceKeepsWhatItDoesNotSetAside() throws {
        let provider = FakeProvider(
            timed + Self.places.map { Row(id: "u\($0)", offset: nil, hidden: $0) })
        let whole = try walkWindow(provider, windows[1], slicePages: 2)
        let extractor = try makeExtractor(provider, slicePages: 2)
        var resumed = ResumedSlices()
        var restored = WalkedWindow()
        for slice in whole.slices {
            let bodies = slice.pages.map {
                ArchivedPage(number: $0.number, requestID: nil, body: $0.body)
            }
            restored.slices.append(
                resumed.add(
                    try extractor.restore(
                        range: slice.range, bodies: bodies, foreign: slice.foreign),
                    of: windows[1]))
        }
        #expect(restored.setAside == whole.setAside)
        var walked = WalkedWindow()
        try walked.run(extractor, windows[1], resumed: resumed)
        #expect(walked.requestCount == 1)
        #expect(walked.restarts == 0)
    }

    // MARK: Drains

    /// An answer of a drain and the listing after it both have the record.
    @Test func aMergeSetsARecordAsideOnce() throws {
        let keyless = Row(id: "", offset: nil, note: "x")
        let twin = Row(id: "", offset: 5)
        let bodies = [
            cdr([keyless, twin, twin, Row(id: "a", offset: 1)], total: 4),
            cdr([Row(id: "a", offset: 1), keyless, twin], total: 3),
            cdr([Row(id: "", offset: nil, note: "of another window")], total: 1),
        ].enumerated().map { index, body in
            ArchivedPage(number: index + 1, requestID: nil, body: Array(body.utf8))
        }
        let merged = try makeExtractor(FakeProvider([])).merge(
            range: windows[1], bodies: bodies, own: [1, 2])
        var walked = WalkedWindow()
        walked.slices = [merged]
        #expect(walked.setAside.sorted() == [keyless.json, twin.json, twin.json].sorted())
        #expect(walked.ids == ["a"])
    }

    // MARK: Helpers

    private var timed: [Row] {
        (0..<300).map { Row(id: "r\($0)", offset: Int64($0) * 36_000 - 3_600_000 + 7) }
            + ([-1, 0, 1] as [Int64]).map { Row(id: "near\($0)", offset: $0) }
    }
}
