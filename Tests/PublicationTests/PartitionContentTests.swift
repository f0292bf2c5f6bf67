import Testing

@testable import Publication

@Suite struct PartitionContentTests {
    @Test func rejectsCountWithoutTheirPageAndOrder() {
        let lines = [
            #"{"reason":"missing_field","field":"a","page":7,"raw":{"page":1}}"#,
            #"{"reason":"missing_field","field":"a","page":12,"raw":{"page":1}}"#,
            #"{"reason":"missing_field","field":"a","page":7,"raw":{"page":2}}"#,
        ].map { PartitionContent.digest(ofReject: Array($0.utf8)) }
        #expect(lines[0] == lines[1])
        #expect(lines[0] != lines[2])
        #expect(
            PartitionContent.sha256(accounts: [], rejectDigests: [lines[0], lines[2]])
                == PartitionContent.sha256(accounts: [], rejectDigests: [lines[2], lines[0]]))
        #expect(
            PartitionContent.sha256(accounts: [], rejectDigests: [lines[0], lines[0]])
                != PartitionContent.sha256(accounts: [], rejectDigests: [lines[0]]))
    }
}
