import ExportModel
import Testing

@testable import ExportRun

@Suite struct RejectTallyTests {
    private func reject(
        _ reason: Reject.Reason, _ field: String?, _ value: String = ""
    ) -> Reject {
        Reject(reason: reason, field: field, page: 1, raw: [], value: Array(value.utf8))
    }

    private func tally(_ rejects: [Reject]) -> RejectTally {
        var tally = RejectTally()
        tally.add(rejects)
        return tally
    }

    @Test func everyFaultIsNamedOnceWithAnExample() throws {
        let found = tally([
            reject(.malformed, "to", #""+91 98765 4321x""#), reject(.malformed, "to", "\"y\""),
            reject(.missing, "cmiuid"), reject(.notAnObject, nil),
        ])
        let failure = try #require(found.failure(of: .count(3), rowCount: 6, isWhole: false))
        #expect(failure.kind == .tooManyRejects)
        #expect(
            failure.message.hasPrefix(
                "4 of 10 records do not fit the schema, `max_rejects: 3` allows 3: "
                    + #"`to` malformed_value 2 ×, such as "+91 98### ####x"; "#
                    + "`cmiuid` missing_field 1 ×; not_an_object 1 ×; `cdrx rejects` lists them"))
    }

    @Test func messagesAreBounded() throws {
        let many = (0..<10_000).map {
            reject(.repeated, "f\($0)", String(repeating: "x", count: 64))
        }
        let failure = try #require(
            tally(many).failure(of: .count(0), rowCount: 0, isWhole: false))
        #expect(failure.message.utf8.count < 800)
        #expect(failure.message.contains("45 other faults"))
    }

    @Test func onlyRejectsAreNoWindow() {
        let all = tally([reject(.malformed, "to")])
        #expect(all.failure(of: .count(5), rowCount: 0, isWhole: false) == nil)
        #expect(all.failure(of: .count(5), rowCount: 0, isWhole: true) != nil)
        #expect(all.failure(of: .standard, rowCount: 0, isWhole: true) != nil)
        #expect(all.failure(of: .unlimited, rowCount: 0, isWhole: true) == nil)
        #expect(all.failure(of: .count(5), rowCount: 1, isWhole: true) == nil)
        #expect(tally([]).failure(of: .count(0), rowCount: 0, isWhole: true) == nil)
    }

    @Test func unknownIDsAreNoFaults() {
        let unknown = tally([reject(.unknownRequestID, "request_id")])
        #expect(unknown.failure(of: .count(0), rowCount: 0, isWhole: true) == nil)
    }

    /// Until the window is whole, what is still to come may be all rows.
    @Test func aShareIsJudgedInTheEnd() {
        let many = tally((0..<50).map { _ in reject(.malformed, "to") })
        #expect(many.failure(of: .standard, rowCount: 50, isWhole: false) == nil)
        #expect(many.failure(of: .standard, rowCount: 50, isWhole: true) != nil)
        #expect(many.failure(of: .standard, rowCount: 4_950, isWhole: true) == nil)
    }

    @Test(arguments: [
        ("\"long\"", "\"long\""), ("919876543210", "9198########"), ("555-1234", "555-1###"),
        ("2026-13-45", "2026-##-##"), ("\u{665}\u{666}12345", "\u{665}\u{666}12###"),
        ("a\nb\r\n", "a b "), ("abcdefghijklmnopqrstuvwxyz", "abcdefghijklmnopqrstuvwx…"),
    ])
    func examplesAreNoNumbersToCall(value: String, shown: String) {
        #expect(ValueExample.masked(Array(value.utf8)) == shown)
    }
}
