import ExportModel
import Foundation
import Testing

@testable import ExportRun

@Suite struct RequestIDsTests {
    private let window = Window(key: .batch("b"), range: nil, timeZoneIdentifier: "UTC")

    private func list(_ ids: [String]) throws -> RequestIDs {
        try #require(try RequestIDs(.ids(ids, batch: "b"), window: "batch=b"))
    }

    @Test func everyOtherListHasAnotherDigest() throws {
        let lists = [["a", "b"], ["b", "a"], ["a"], ["a", "b", "c"], ["ab"], []]
        let digests = try lists.map { try list($0).sha256 }
        #expect(Set(digests).count == lists.count)
        #expect(try list(["a", "b"]).sha256 == digests[0])
    }

    /// What was archived belongs to places of one list: a shorter one would be read beyond its end.
    @Test func archivedSlicesAreOfOneList() throws {
        let place = try Workplace()
        defer { place.remove() }
        let stream = try #require(place.pipeline(Workplace.v2).streams.first)
        func fingerprint(_ ids: [String]) throws -> String {
            PlanFingerprint.archive(
                of: stream, window: window, requests: try list(ids), published: nil)
        }
        #expect(try fingerprint(["a", "b"]) == fingerprint(["a", "b"]))
        #expect(try fingerprint(["a", "b"]) != fingerprint(["a"]))
    }

    @Test func aFileIsReadForEachWindow() throws {
        let place = try Workplace()
        defer { place.remove() }
        let pattern = place.directory + "/{window}.txt"
        try Data("a\n\nb\na\n".utf8).write(
            to: URL(fileURLWithPath: place.directory + "/2026-11-19.txt"))
        let file = RequestList.file(path: pattern, batch: "ids")
        #expect(try RequestIDs(file, window: "2026-11-19")?.ids == ["a", "b"])
        let error = try #require(throws: ExportError.self) {
            try RequestIDs(file, window: "2026-11-20")
        }
        #expect(error.code == "unreadable_request_list")
    }
}
