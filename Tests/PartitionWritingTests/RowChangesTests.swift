import Testing

@testable import PartitionWriting

@Suite struct RowChangesTests {
    @Test(arguments: [
        (old: [] as [UInt64], new: [1, 2] as [UInt64], late: 2, changed: 0, gone: 0),
        (old: [1, 2], new: [1, 2], late: 0, changed: 0, gone: 0),
        (old: [1, 2], new: [2, 3], late: 0, changed: 1, gone: 0),
        (old: [1, 2], new: [2, 3, 4], late: 1, changed: 1, gone: 0),
        (old: [1, 2, 3], new: [3], late: 0, changed: 0, gone: 2),
        (old: [7, 7], new: [7], late: 0, changed: 0, gone: 1),
    ])
    func asManyAsVanishedWereChanged(
        old: [UInt64], new: [UInt64], late: Int, changed: Int, gone: Int
    ) {
        let found = RowChanges(old: old, new: new)
        #expect(found == RowChanges(late: late, changed: changed, gone: gone))
    }

    @Test func quotedLineBreakIsPartOfItsRecord() {
        let text = Array("a,b\n1,\"x\ny\"\n2,z\n".utf8)
        for (quotesLines, count) in [(true, 3), (false, 4)] {
            let digester = RecordDigester(quotesLines: quotesLines)
            // Cut anywhere, the records are the same.
            for byte in text { [byte].withUnsafeBytes { digester.append($0) } }
            #expect(digester.digests.count == count)
            #expect(Set(digester.digests).count == count)
        }
    }
}
