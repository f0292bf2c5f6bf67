import CZlib

/// One gzip member (RFC 1952) without time, name or system, joined from proven chunks.
final class GzipEncoder: StreamEncoder {
    static let blockByteCount = 1 << 20

    /// Deflate, no flags, no time, no extra flags, system unknown.
    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
    /// A last block without data (RFC 1951, section 3.2.6).
    private static let lastBlock: [UInt8] = [3, 0]

    private let compressor: GzipChunkCompressor
    private var hasHeader = false
    private var checksum: UInt = 0
    private var byteCount = 0

    init(level: Int) throws(CompressionError) {
        compressor = try GzipChunkCompressor(level: level)
    }

    func encode(
        _ block: UnsafeRawBufferPointer, isLast: Bool, to output: inout [UInt8]
    ) throws(CompressionError) {
        if !hasHeader {
            output += Self.header
            hasHeader = true
        }
        if !block.isEmpty { append(try compressor.chunk(of: block), to: &output) }
        if isLast { appendEnd(to: &output) }
    }

    /// Makes a member of its own of `block`.
    func encodeWhole(
        _ block: UnsafeRawBufferPointer, to output: inout [UInt8]
    ) throws(CompressionError) {
        var rest = block
        while rest.count > Self.blockByteCount {
            let piece = UnsafeRawBufferPointer(rebasing: rest[..<Self.blockByteCount])
            try encode(piece, isLast: false, to: &output)
            rest = UnsafeRawBufferPointer(rebasing: rest[Self.blockByteCount...])
        }
        try encode(rest, isLast: true, to: &output)
    }

    private func append(_ chunk: GzipChunk, to output: inout [UInt8]) {
        output += chunk.bytes
        checksum = crc32_combine(checksum, UInt(chunk.checksum), chunk.byteCount)
        byteCount += chunk.byteCount
    }

    /// Ends the member; the next one starts anew.
    private func appendEnd(to output: inout [UInt8]) {
        output += Self.lastBlock
        for number in [UInt32(truncatingIfNeeded: checksum), UInt32(truncatingIfNeeded: byteCount)]
        {
            withUnsafeBytes(of: number.littleEndian) { output.append(contentsOf: $0) }
        }
        (hasHeader, checksum, byteCount) = (false, 0, 0)
    }
}
