import Testing

import Compression

@Suite struct BlockCompressorTests {
    @Test(arguments: [Codec.gzip(), .zstd(), .zstd(level: 1), .none])
    func blocksAreIndependentOfEachOther(codec: Codec) throws {
        let compressor = try BlockCompressor(codec)
        let blocks = [0, 1, 70_000, 300_000].map {
            CompressionStreamTests.sample(byteCount: $0, seed: 7)
        }
        var first: [[UInt8]] = []
        for block in blocks + blocks {
            var output: [UInt8] = []
            try block.withUnsafeBytes { try compressor.compress($0, to: &output) }
            #expect(try decompress(output, codec) == block)
            first.append(output)
        }
        #expect(Array(first[..<4]) == Array(first[4...]))
    }
}
