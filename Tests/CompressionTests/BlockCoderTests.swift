import Compression
import Testing

@Suite struct BlockCoderTests {
    @Test func piecesComeBackJoined() throws {
        let coder = BlockCoder()
        for counts in [[], [0], [1], [0, 5, 0], [70_000, 3], [300_000, 1_200_000, 9]] {
            let pieces = counts.map { CompressionStreamTests.sample(byteCount: $0, seed: 7) }
            let frame = try coder.compress(pieces)
            let whole = Array(pieces.joined())
            #expect(try coder.decompress(frame, byteCount: whole.count) == whole)
            #expect(try decompress(frame, .zstd()) == whole)
            #expect(try coder.compress(pieces) == frame)
        }
    }

    @Test func damageIsNeverData() throws {
        let coder = BlockCoder()
        let data = CompressionStreamTests.sample(byteCount: 5_000, seed: 3)
        let frame = try coder.compress([data])
        for place in frame.indices {
            var flipped = frame
            flipped[place] ^= 1 << UInt8(place % 8)
            let found = try? coder.decompress(flipped, byteCount: data.count)
            // A bit that means nothing may change.
            #expect(found == nil || found == data, "\(place)")
        }
        for count in 0..<frame.count {
            #expect(throws: CompressionError.self) {
                try coder.decompress(Array(frame[..<count]), byteCount: data.count)
            }
        }
    }

    @Test(arguments: [4_999, 5_001, 0, 1 << 60])
    func wrongCountsAreRefused(byteCount: Int) throws {
        let coder = BlockCoder()
        let frame = try coder.compress([CompressionStreamTests.sample(byteCount: 5_000, seed: 3)])
        #expect(throws: CompressionError.self) {
            try coder.decompress(frame, byteCount: byteCount)
        }
    }
}
