import Testing

import Compression

@Suite struct DecompressionStreamTests {
    static let codecs: [Codec] = [.gzip(), .zstd()]

    private func failure(
        _ body: () throws -> [UInt8]
    ) -> CompressionError.Code? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? CompressionError)?.reason
        }
    }

    @Test(arguments: codecs)
    func everyCutIsDetected(codec: Codec) throws {
        let bytes = CompressionStreamTests.sample(byteCount: 2_000, seed: 4)
        let compressed = try compress(bytes, codec)
        for byteCount in 0..<compressed.count {
            let found = failure { try decompress(Array(compressed[..<byteCount]), codec) }
            #expect(found == .truncated, "cut to \(byteCount) of \(compressed.count) bytes")
        }
    }

    @Test(arguments: codecs)
    func everyFlippedByteBehindTheHeaderIsDetected(codec: Codec) throws {
        let bytes = CompressionStreamTests.sample(byteCount: 500, seed: 5)
        let compressed = try compress(bytes, codec)
        // gzip has no checksum over the ten bytes of its header; zstd's magic takes four.
        for index in (codec == .gzip() ? 10 : 0)..<compressed.count {
            var broken = compressed
            broken[index] ^= 0xFF
            #expect(failure { try decompress(broken, codec) } != nil, "byte \(index)")
        }
    }

    @Test(arguments: codecs)
    func bytesBehindTheEndAreRefused(codec: Codec) throws {
        let compressed = try compress([1, 2, 3], codec)
        #expect(failure { try decompress(compressed + [0], codec) } == .trailingData)
        #expect(failure { try decompress(compressed + compressed, codec) } == .trailingData)
        let stream = try DecompressionStream(codec)
        var output: [UInt8] = []
        try stream.append(compressed, to: &output)
        #expect(
            failure {
                try stream.append([0], to: &output); return []
            } == .trailingData)
    }

    @Test(arguments: codecs + [.none])
    func outputIsBounded(codec: Codec) throws {
        let compressed = try compress([UInt8](repeating: 7, count: 1_000_000), codec)
        #expect(
            failure { try decompress(compressed, codec, maximumByteCount: 999_999) } == .tooLarge)
        #expect(failure { try decompress(compressed, codec, maximumByteCount: 1_000_000) } == nil)
    }

    @Test(arguments: codecs + [.none])
    func dataComesInBoundedPieces(codec: Codec) throws {
        let compressed = try compress([UInt8](repeating: 7, count: 1_000_000), codec)
        let stream = try DecompressionStream(codec)
        var most = 0
        var total = 0
        try compressed.withUnsafeBytes { bytes in
            try stream.append(bytes) {
                most = max(most, $0.count)
                total += $0.count
            }
        }
        try stream.finish()
        #expect(total == 1_000_000)
        #expect(most <= DecompressionStream.maximumPieceByteCount)
    }

    @Test(arguments: codecs)
    func oneByteAtATimeReadsTheSame(codec: Codec) throws {
        let bytes = CompressionStreamTests.sample(byteCount: 5_000, seed: 6)
        let stream = try DecompressionStream(codec)
        var output: [UInt8] = []
        for byte in try compress(bytes, codec) { try stream.append([byte], to: &output) }
        try stream.finish()
        #expect(output == bytes)
    }
}
