import ExportModel
import Testing

@testable import RunLedger

@Suite struct JournalFileNameTests {
    @Test func nameShowsTheWindow() {
        #expect(
            JournalFileName.make(.identity("2026-11-19T07", account: "u101"))
                == "nightly~calls~u101~2026-11-19T07.journal")
    }

    @Test func charactersWithAMeaningAreEscaped() {
        let name = JournalFileName.make(.identity("batch=a/b", account: "ü~%\n"))
        #expect(name == "nightly~calls~%C3%BC%7E%25%0A~batch%3Da%2Fb.journal")
    }

    @Test func longNamesAreCutAndStayDifferent() {
        let long = String(repeating: "é", count: 200)
        let first = JournalFileName.make(.identity("2026-11-19", account: long))
        let second = JournalFileName.make(.identity("2026-11-20", account: long))
        #expect(first != second && first.utf8.count <= 230)
    }
}
