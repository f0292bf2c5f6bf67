/// A split-block bloom filter: says of a value that it is not in a column chunk, or may be.
///
/// Source: Parquet specification, "Parquet Bloom Filter".
struct BloomFilter {
    /// Eight words a block.
    private(set) var words: [UInt32]

    private static let wordsPerBlock = 8
    private static let salt: [UInt32] = [
        0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d,
        0x7054_95c7, 0x2df1_424b, 0x9efc_4947, 0x5c6b_fb31,
    ]
    /// Gives 1 % false positives or fewer.
    private static let bitsPerValue = 10.5
    private static let largestByteCount = 16 << 20

    /// - Parameter distinctCount: values that will be inserted. The size is a power of two, as some
    ///   readers want it, and at most 16 MiB.
    init(distinctCount: Int) {
        let wanted = Int(Double(distinctCount) * Self.bitsPerValue / 8) + 1
        var byteCount = Self.wordsPerBlock * 4
        while byteCount < wanted, byteCount < Self.largestByteCount { byteCount *= 2 }
        words = Array(repeating: 0, count: byteCount / 4)
    }

    mutating func insert(_ hash: UInt64) {
        let start = blockStart(hash)
        for word in 0..<Self.wordsPerBlock {
            words[start + word] |= Self.mask(hash, word)
        }
    }

    /// false only if the hash was never inserted.
    func mayContain(_ hash: UInt64) -> Bool {
        let start = blockStart(hash)
        return (0..<Self.wordsPerBlock).allSatisfy { word in
            words[start + word] & Self.mask(hash, word) != 0
        }
    }

    /// The header and the bits, as the file holds them.
    func encoded() -> [UInt8] {
        var header = ThriftCompactWriter()
        header.appendStructure { writer in
            writer.writeInt32(words.count * 4, field: 1)
            for union in 2...4 {
                writer.writeStructure(field: union) { $0.writeStructure(field: 1) { _ in } }
            }
        }
        var bytes = header.bytes
        bytes.reserveCapacity(bytes.count + words.count * 4)
        for word in words { bytes.appendLittleEndian(word) }
        return bytes
    }

    private func blockStart(_ hash: UInt64) -> Int {
        let blockCount = UInt64(words.count / Self.wordsPerBlock)
        return Int(((hash >> 32) &* blockCount) >> 32) * Self.wordsPerBlock
    }

    private static func mask(_ hash: UInt64, _ word: Int) -> UInt32 {
        1 << ((UInt32(truncatingIfNeeded: hash) &* salt[word]) >> 27)
    }
}
