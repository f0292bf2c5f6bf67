import Compression
import ExportModel
import Testing

@testable import ParquetEncoding

@Suite struct ParquetEncoderTests {
    private let options = ParquetWriteOptions(
        codec: .zstd(level: 1), rowGroupRowCount: 300, rowGroupByteCount: 50_000,
        pageRowCount: 50, pageByteCount: 20_000, bloomFilterColumns: ["call_id"],
        sortingColumns: [SampleRows.index(.startedAt)])

    private func file(_ batches: [RecordBatch], _ options: ParquetWriteOptions) throws -> [UInt8] {
        var encoder = try ParquetEncoder(schema: batches[0].schema, options: options)
        var bytes: [UInt8] = []
        for batch in batches { try encoder.append(batch, rows: 0..<batch.rowCount, to: &bytes) }
        try encoder.finish(to: &bytes)
        return bytes
    }

    @Test func bordersOfBatchesLeaveNoTrace() throws {
        let whole = SampleRows.hostile(count: 400, seed: 4, longest: 70)
        let expected = try file([whole.batch], options)
        for size in [1, 7, 150, 399] {
            let batches = stride(from: 0, to: 400, by: size).map { start in
                var part = BatchBuilder(whole.schema)
                for row in whole.rows[start..<min(start + size, 400)] { part.append(row) }
                return part.batch
            }
            #expect(try file(batches, options) == expected, "batches of \(size)")
        }
    }

    @Test func rangesOfABatchAreOnlyItsRows() throws {
        let whole = SampleRows.hostile(count: 100, seed: 5, longest: 70)
        var encoder = try ParquetEncoder(schema: whole.schema, options: options)
        var bytes: [UInt8] = []
        try encoder.append(whole.batch, rows: 10..<40, to: &bytes)
        try encoder.append(whole.batch, rows: 40..<90, to: &bytes)
        try encoder.finish(to: &bytes)
        var part = BatchBuilder(whole.schema)
        for row in whole.rows[10..<90] { part.append(row) }
        #expect(try bytes == file([part.batch], options))
    }

    /// The row groups of a file, with what the footer says of them.
    private func groups(
        _ batch: RecordBatch, _ options: ParquetWriteOptions
    ) throws -> [EncodedRowGroup] {
        var encoder = try ParquetEncoder(schema: batch.schema, options: options)
        var bytes: [UInt8] = []
        try encoder.append(batch, rows: 0..<batch.rowCount, to: &bytes)
        try encoder.finish(to: &bytes)
        return encoder.assembler.groups.map(\.group)
    }

    @Test func rowGroupsEndAtTheirRowsOrBytes() throws {
        let batch = SampleRows.hostile(count: 1_000, seed: 6, longest: 70).batch
        let found = try groups(batch, options).map(\.rowCount)
        #expect(found.count > 3)
        #expect(found.reduce(0, +) == 1_000)
        #expect(found.allSatisfy { $0 <= 300 })
        var start = 0
        for count in found.dropLast() {
            let (rows, next) = (start..<start + count, start..<start + count + 1)
            #expect(batch.plainByteCount(of: rows) <= options.rowGroupByteCount)
            #expect(
                count == 300 || batch.plainByteCount(of: next) > options.rowGroupByteCount)
            start += count
        }
    }

    /// Memory holds the rows of one page as values: pages of wide rows are short.
    @Test func pagesEndBeforeTooManyBytesWait() throws {
        var options = options
        options.pendingByteCount = 1_000
        let batch = SampleRows.hostile(count: 200, seed: 9, longest: 70).batch
        for group in try groups(batch, options) {
            let starts = group.chunks[0].pages.map(\.firstRow) + [group.rowCount]
            #expect(starts.count > 10)
            #expect(
                group.chunks.allSatisfy { $0.pages.map(\.firstRow) + [group.rowCount] == starts })
        }
    }

    // MARK: Encodings

    /// The encodings of one text column's pages, by row group.
    private func encodings(
        _ texts: [String?], _ options: ParquetWriteOptions
    ) throws -> [[PageEncoding]] {
        var builder = BatchBuilder([Column(name: "text", type: .text)])
        for text in texts { builder.append([text.map { .text($0) } ?? .null]) }
        return try groups(builder.batch, options).map { $0.chunks[0].pages.map(\.encoding) }
    }

    private let pagesOfAThousand = ParquetWriteOptions(
        pageRowCount: 1_000, dictionaryByteLimit: 20_000)

    @Test func aDictionaryServesTheValuesThatRepeat() throws {
        // 700 words: the first page has met most of them once, which does not pay by itself.
        var draw = SeededGenerator(seed: 3)
        let words = (0..<4_000).map { _ in "word \(Int.random(in: 0..<700, using: &draw))" }
        #expect(try encodings(words, pagesOfAThousand) == [.init(repeating: .dictionary, count: 4)])
        let distinct = (0..<4_000).map { "call \($0 &* 2_654_435_761 % 1_000_003)" }
        #expect(try encodings(distinct, pagesOfAThousand) == [.init(repeating: .plain, count: 4)])
    }

    @Test func aFullDictionaryEndsTheRowGroup() throws {
        let words = (0..<1_000).map { "word \($0 % 50)" }
        let distinct = (0..<2_000).map { "a value of its own \($0)" }
        let found = try encodings(words + distinct + words + words, pagesOfAThousand)
        #expect(
            found == [[.dictionary, .dictionary], [.dictionary], [.dictionary, .dictionary]])
    }

    /// fastparquet reads nulls where a column has a dictionary in one row group and none in the
    /// next.
    @Test func aColumnIsEncodedInOneWayThroughoutTheFile() throws {
        var options = pagesOfAThousand
        options.rowGroupRowCount = 2_000
        let words = (0..<2_000).map { "word \($0 % 50)" }
        let distinct = (0..<2_000).map { "a value of its own \($0)" }
        #expect(
            try encodings(distinct + words, options) == [[.plain, .plain], [.plain, .plain]])
    }

    @Test func pagesWithoutValuesLeaveTheChoiceOpen() throws {
        let nulls = [String?](repeating: nil, count: 1_000)
        let words = (0..<2_000).map { "word \($0 % 50)" }
        let found = try encodings(nulls + words + nulls, pagesOfAThousand)
        #expect(found == [[.plain, .dictionary, .dictionary, .dictionary]])
    }

    @Test func theCallerMayDrainTheOutput() throws {
        let batch = SampleRows.hostile(count: 1_000, seed: 7, longest: 70).batch
        var encoder = try ParquetEncoder(schema: batch.schema, options: options)
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: 1_000, by: 100) {
            var part: [UInt8] = []
            try encoder.append(batch, rows: start..<start + 100, to: &part)
            bytes += part
        }
        var end: [UInt8] = []
        try encoder.finish(to: &end)
        #expect(try bytes + end == file([batch], options))
    }

    /// Hive, Spark before 3.3 and fastparquet read nothing else in pages of version 1.
    @Test func pagesOfVersion1ArePlainOrUseADictionary() throws {
        #expect(try encodings(dataPageVersion: 1) == [.plain, .dictionary])
        #expect(try encodings(dataPageVersion: 2).contains(.deltaBinaryPacked))
        let deltaTexts: Set<PageEncoding> = [.deltaByteArray, .deltaLengthByteArray]
        #expect(try !deltaTexts.isDisjoint(with: encodings(dataPageVersion: 2)))
    }

    /// Of all data pages of rows for which every encoding pays somewhere.
    private func encodings(dataPageVersion: Int) throws -> Set<PageEncoding> {
        let batch = SampleRows.v2Like(count: 3_000, seed: 8)
        let options = ParquetWriteOptions(dataPageVersion: dataPageVersion)
        let group = try #require(try groups(batch, options).first)
        return Set(group.chunks.flatMap { $0.pages.map(\.encoding) })
    }

    @Test func aFileWithoutRowsIsMagicFooterMagic() throws {
        let bytes = try file([SampleRows.hostile(count: 0, seed: 1, longest: 70).batch], options)
        #expect(bytes.prefix(4) == Array("PAR1".utf8)[...])
        let length = bytes.dropLast(4).suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(bytes.count == 4 + length + 4 + 4)
        #expect(bytes.suffix(4) == Array("PAR1".utf8)[...])
    }

    @Test func oneRowLargerThanARowGroupIsARowGroup() throws {
        var options = options
        options.rowGroupByteCount = 1
        let batch = SampleRows.hostile(count: 3, seed: 1, longest: 70).batch
        #expect(try groups(batch, options).map(\.rowCount) == [1, 1, 1])
    }

    // MARK: Errors

    private func code(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? ParquetEncodingError)?.code
        }
    }

    @Test func optionsOutOfRangeAreRefused() {
        let changes: [(inout ParquetWriteOptions) -> Void] = [
            { $0.dataPageVersion = 3 }, { $0.rowGroupRowCount = 0 }, { $0.pageByteCount = 0 },
            { $0.rowGroupByteCount = 1 << 31 }, { $0.dictionaryByteLimit = -1 },
            { $0.sortingColumns = [99] }, { $0.bloomFilterColumns = ["no_such"] },
            { $0.bloomFilterColumns = ["notes"] }, { $0.bloomFilterColumns = ["recorded"] },
        ]
        for change in changes {
            var options = options
            change(&options)
            let found = code { _ = try ParquetEncoder(schema: SampleRows.schema, options: options) }
            #expect(found == "parquet_invalid_option", "\(options)")
        }
    }

    @Test func nullInARequiredColumnIsRefused() {
        var builder = BatchBuilder([Column(name: "id", type: .text, isNullable: false)])
        builder.append([.text("a")])
        builder.append([.null])
        let batch = builder.batch
        #expect(code { _ = try file([batch], ParquetWriteOptions()) } == "parquet_invalid_value")
    }

    @Test func integersBeyond32BitsAreRefused() {
        var builder = BatchBuilder([Column(name: "seconds", type: .int)])
        builder.append([.number(2_147_483_648)])
        let batch = builder.batch
        #expect(code { _ = try file([batch], ParquetWriteOptions()) } == "parquet_invalid_value")
    }

    @Test func anotherSchemaIsRefused() throws {
        var encoder = try ParquetEncoder(schema: SampleRows.schema, options: options)
        var builder = BatchBuilder([Column(name: "id", type: .text)])
        builder.append([.text("a")])
        var bytes: [UInt8] = []
        let batch = builder.batch
        #expect(
            code { try encoder.append(batch, rows: 0..<1, to: &bytes) }
                == "parquet_schema_mismatch")
    }
}
