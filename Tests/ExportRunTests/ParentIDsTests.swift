import ExportModel
import ExportRun
import Foundation
import Testing

/// What counts as a request id among the values of a field.
@Suite struct ParentIDsTests {
    @Test(arguments: [
        (#","from":"x""#, ["x"]), (#","from":919"#, ["919"]), (#","from":"A/b""#, ["A/b"]),
        (#","from":null"#, []), (#","from":"""#, []),
    ])
    func eachValueIsAskedForOnce(members: String, ids: [String]) throws {
        let place = try Workplace()
        defer { place.remove() }
        let provider = ForEachTests.provider(3, members: members)
        let report = try place.run(ForEachTests.text(field: "from"), transport: provider)
        #expect(report.exitCode == 0)
        #expect(provider.ids == ids)
    }

    @Test(arguments: [
        ("", "none of its 3 records has the field"),
        (#","from":true"#, "one of its records has true or false"),
        (#","from":{"id":1}"#, "one of its records has an object"),
        (#","from":[1]"#, "one of its records has a list"),
        (#","from":"a\nb""#, "one of its records has text of several lines"),
        (#","from":1,"from":2"#, "one of its records has the field twice"),
    ])
    func aFieldWithoutIDsIsNoEmptyList(members: String, message: String) throws {
        let place = try Workplace()
        defer { place.remove() }
        var records = Array(evenRecords(3))
        records[1].members = members
        let provider = CallsAndLegs(FakeProvider(records))
        let text = ForEachTests.text(field: "from").replacingOccurrences(
            of: "attempts: 2", with: "attempts: 2, max_rejects: 9")
        let report = try place.run(text, transport: provider)
        #expect(report.exitCode == 1)
        let failure = try #require(report.windows.last?.failure)
        #expect(failure.code == "parent_without_ids")
        #expect(failure.message.contains(message))
        #expect(provider.ids == [])
        #expect(try ForEachTests.rows(place, "legs") == nil)
    }
}
