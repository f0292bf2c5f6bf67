import BoundedDispatch
import ExportModel
import Testing

@testable import Extraction

@Suite struct SliceAssemblerTests {
    @Test func rowsAreSortedByTimeThenKey() throws {
        let pages = [
            try page([Row(id: "d", offset: 9), Row(id: "b", offset: 5)], total: 4),
            try page([Row(id: "a", offset: 5), Row(id: "c", offset: 1)], total: 4, number: 2),
        ]
        let result = SliceAssembler.assemble(pages, range: span(0, 10))
        #expect(ids(of: result.slice) == ["c", "a", "b", "d"])
        #expect(result.foundCount == 4)
        #expect(result.slice.counts.pages == 2)
    }

    /// `[start, end)`: the first millisecond counts, the end does not.
    @Test func paddingIsDroppedAndCounted() throws {
        let offsets: [Int64] = [-1_000, -1, 0, 9, 10, 11, 1_010]
        let rows = offsets.map { Row(id: "r\($0)", offset: $0) }
        let result = SliceAssembler.assemble([try page(rows, total: 7)], range: span(0, 10))
        #expect(ids(of: result.slice) == ["r0", "r9"])
        #expect(result.slice.counts.outsideWindow == 5)
        #expect(result.beforeCount == 2)
        #expect(result.afterCount == 3)
        #expect(result.foundCount == 7)
    }

    @Test func withoutARangeNothingIsOutside() throws {
        let rows = [Row(id: "a", offset: -9_000_000), Row(id: "b", offset: 9_000_000)]
        let result = SliceAssembler.assemble([try page(rows, total: 2)], range: nil)
        #expect(ids(of: result.slice) == ["a", "b"])
        #expect(result.slice.counts.outsideWindow == 0)
    }

    @Test func repeatsAreDroppedAndCounted() throws {
        let a = Row(id: "a", offset: 1)
        let b = Row(id: "b", offset: 2)
        let pages = [try page([b, a, a], total: 9), try page([a, b], total: 9, number: 2)]
        let result = SliceAssembler.assemble(pages, range: span(0, 10))
        #expect(ids(of: result.slice) == ["a", "b"])
        #expect(result.slice.rows.allSatisfy { $0.page == 0 })
        #expect(result.slice.counts.duplicates == 3)
        #expect(result.foundCount == 2)
        #expect(!result.hasConflict)
    }

    @Test func oneKeyWithTwoContentsIsAConflict() throws {
        let rows = [Row(id: "a", offset: 1), Row(id: "a", offset: 1, note: "changed")]
        let result = SliceAssembler.assemble([try page(rows, total: 2)], range: span(0, 10))
        #expect(result.hasConflict)
        #expect(result.foundCount == 1)
    }

    @Test func keylessRowOfThePaddingIsDroppedToo() throws {
        let rows = [Row(id: "", offset: -500), Row(id: "", offset: 5)]
        let result = SliceAssembler.assemble([try page(rows, total: 2)], range: span(0, 10))
        #expect(result.slice.unidentified == [RowReference(page: 0, row: 1)])
        #expect(result.slice.counts.outsideWindow == 1)
        #expect(result.beforeCount == 1)
        #expect(result.foundCount == 2)
    }

    /// No other window asks for it, so dropping it would lose it.
    @Test func rowFarOutsideIsSetAside() throws {
        let rows = [
            Row(id: "a", offset: 5), Row(id: "far", offset: 120_000),
            Row(id: "near", offset: 30_000),
        ]
        let result = SliceAssembler.assemble(
            [try page(rows, total: 3)], range: span(0, 10), asked: span(-1_000, 1_010))
        #expect(ids(of: result.slice) == ["a"])
        #expect(result.slice.unidentified == [RowReference(page: 0, row: 1)])
        #expect(result.slice.counts.outsideWindow == 1)
        #expect(result.foundCount == 3)
    }

    @Test func rowsThatCannotBeReadAreSetAsideButFound() throws {
        let rows = [
            Row(id: "a", offset: nil), Row(id: "", offset: 1), Row(id: "b", offset: 2),
            Row(id: "", offset: 1),
        ]
        let result = SliceAssembler.assemble([try page(rows, total: 4)], range: span(0, 10))
        #expect(ids(of: result.slice) == ["b"])
        #expect(
            result.slice.unidentified
                == [
                    RowReference(page: 0, row: 0), RowReference(page: 0, row: 1),
                    RowReference(page: 0, row: 3),
                ])
        #expect(result.foundCount == 4)
    }

    @Test func nothingGivesAnEmptySlice() {
        let result = SliceAssembler.assemble([], range: span(0, 10))
        #expect(result.slice.rows.isEmpty)
        #expect(result.foundCount == 0)
    }

    /// As providers list them: newest first, those of the same time in any order.
    @Test func rowsThatComeInReverseAreTurnedAround() throws {
        let offsets: [Int64] = [9, 8, 8, 8, 7, 5, 5, 1]
        let rows = zip("abcdefgh", offsets).map { Row(id: "\($0)", offset: $1) }
        let pages = [
            try page(Array(rows[..<4]), total: 8), try page(Array(rows[4...]), total: 8, number: 2),
        ]
        let result = SliceAssembler.assemble(pages, range: span(0, 10))
        #expect(ids(of: result.slice) == ["h", "f", "g", "e", "b", "c", "d", "a"])
    }

    /// Whatever page a record came with, the rows come in the same order.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func theOrderDoesNotDependOnThePages(seed: UInt64) throws {
        var numbers = SeededNumbers(seed: seed)
        var rows = (0..<200).map { Row(id: "r\($0)", offset: Int64($0 / 4)) }
        let truth = rows.sorted { ($0.offset ?? 0, $0.id) < ($1.offset ?? 0, $1.id) }.map(\.id)
        for _ in 0..<5 {
            rows.shuffle(using: &numbers)
            let pages = try stride(from: 0, to: 200, by: 7).map {
                try page(Array(rows[$0..<min($0 + 7, 200)]), total: 200, number: $0 / 7 + 1)
            }
            let result = SliceAssembler.assemble(pages, range: span(0, 1_000))
            #expect(ids(of: result.slice) == truth, "seed \(seed)")
        }
    }
}
