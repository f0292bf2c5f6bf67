import ExportModel
import Testing

@testable import RunLedger

@Suite struct StateFileNameTests {
    @Test func nameShowsTheWindow() {
        #expect(
            StateFileName.make(.identity("2026-11-19T07", account: "u101"), suffix: ".rows")
                == "nightly~calls~u101~2026-11-19T07.rows")
    }

    @Test func charactersWithAMeaningAreEscaped() {
        let name = StateFileName.make(.identity("batch=a/b", account: "ü~%\n"), suffix: ".rows")
        #expect(name == "nightly~calls~%C3%BC%7E%25%0A~batch%3Da%2Fb.rows")
    }

    @Test func longNamesAreCutAndStayDifferent() {
        let long = String(repeating: "é", count: 200)
        let first = StateFileName.make(.identity("2026-11-19", account: long), suffix: ".rows")
        let second = StateFileName.make(.identity("2026-11-20", account: long), suffix: ".rows")
        #expect(first != second && first.utf8.count <= 230)
    }
}
