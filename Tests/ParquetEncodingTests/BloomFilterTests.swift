import Testing

@testable import ParquetEncoding

@Suite struct BloomFilterTests {
    /// The vectors of the xxHash project's own tests, and others made with its command-line tool.
    @Test func hashesAreThoseOfXXH64WithSeedZero() {
        func hash(_ text: String) -> UInt64 {
            Array(text.utf8).withUnsafeBytes { XXHash64.hash($0) }
        }
        #expect(hash("") == 0xEF46_DB37_51D8_E999)
        #expect(hash("a") == 0xD24E_C4F1_A98C_6E5B)
        #expect(hash("abc") == 0x44BC_2CF5_AD77_0999)
        #expect(
            hash("Nobody inspects the spammish repetition") == 0xFBCE_A83C_8A37_8BF1)
    }

    @Test func whatWasInsertedIsFoundAndLittleElse() {
        var filter = BloomFilter(distinctCount: 10_000)
        for value in 0..<10_000 as Range<Int64> { filter.insert(XXHash64.hash(value)) }
        #expect((0..<10_000 as Range<Int64>).allSatisfy { filter.mayContain(XXHash64.hash($0)) })
        let others = 10_000..<110_000 as Range<Int64>
        let wrong = others.filter { filter.mayContain(XXHash64.hash($0)) }.count
        #expect(wrong < 1_000)
    }

    @Test func aFilterForOneValueIsOneBlock() {
        var filter = BloomFilter(distinctCount: 1)
        // The upper half picks block 0; the lower half, 1, sets bit salt >> 27 of each word.
        filter.insert(1)
        #expect(filter.words == [8, 8, 17, 20, 14, 5, 19, 11].map { 1 << $0 })
        #expect(
            filter.encoded().prefix(12)
                == [0x15, 64, 0x1C, 0x1C, 0, 0, 0x1C, 0x1C, 0, 0, 0x1C, 0x1C])
        #expect(filter.encoded().count == 15 + 32)
    }
}
