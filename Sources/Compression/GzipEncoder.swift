import CZlib

/// One gzip member (RFC 1952) without time, name or system, joined from proven chunks.
final class GzipEncoder: StreamEncoder {
    static let blockByteCount = 1 << 20

    /// Deflate, no flags, no time, no extra flags, system unknown.
    private static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
    /// A last block without data (RFC 1951, section 3.2.6).
    private static let lastBlock: [UInt8] = [3, 0]

    private let level: Int
    private var tools = CompressionTools()
    private var hasHeader = false
    private var checksum: UInt = 0
    private var byteCount = 0

    init(level: Int) {
        self.level = level
    }

    func encode(
        _ block: UnsafeRawBufferPointer, isLast: Bool, to output: inout [UInt8]
    ) throws(CompressionError) {
        if !block.isEmpty {
            join(try tools.compressor(level: level).chunk(of: block), to: &output)
        }
        if isLast { appendEnd(to: &output) }
    }

    /// A job that compresses `data` later.
    func job(for data: [UInt8]) -> CompressionJob { CompressionJob(data, level: level) }

    /// Appends what a job made, in the order of the data; where it has not run, it runs now.
    func join(_ job: CompressionJob, to output: inout [UInt8]) throws(CompressionError) {
        job.run(with: &tools)
        guard let result = job.result else {
            preconditionFailure("a job is joined when no other thread works on it")
        }
        join(try result.get(), to: &output)
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

    private func join(_ chunk: GzipChunk, to output: inout [UInt8]) {
        appendHeader(to: &output)
        output += chunk.bytes
        checksum = crc32_combine(checksum, UInt(chunk.checksum), chunk.byteCount)
        byteCount += chunk.byteCount
    }

    private func appendHeader(to output: inout [UInt8]) {
        if !hasHeader { output += Self.header }
        hasHeader = true
    }

    /// Ends the member; the next one starts anew.
    private func appendEnd(to output: inout [UInt8]) {
        appendHeader(to: &output)
        output += Self.lastBlock
        for number in [UInt32(truncatingIfNeeded: checksum), UInt32(truncatingIfNeeded: byteCount)]
        {
            withUnsafeBytes(of: number.littleEndian) { output.append(contentsOf: $0) }
        }
        (hasHeader, checksum, byteCount) = (false, 0, 0)
    }
}
