import CZlib

/// Bytes a codec may write before its output is taken from it.
private let scratchByteCount = 1 << 16

/// One gzip member through zlib's deflate.
final class GzipEncoder: StreamEncoder {
    private static let mostInputByteCount = 1 << 30

    // zlib keeps pointers to both: they must not move while the stream lives.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let header = UnsafeMutablePointer<gz_header>.allocate(capacity: 1)
    private let scratch = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: scratchByteCount)

    init(level: Int) throws(CompressionError) {
        stream.initialize(to: z_stream())
        header.initialize(to: gz_header())
        let status = czlib_gzip_init(stream, header, Int32(level))
        guard status == Z_OK else { throw failure("deflateInit2", status) }
    }

    /// Makes a member of its own of `block`, in pieces that zlib can count.
    func encodeWhole(
        _ block: UnsafeRawBufferPointer, to output: inout [UInt8]
    ) throws(CompressionError) {
        let status = deflateReset(stream)
        guard status == Z_OK else { throw failure("deflateReset", status) }
        var rest = block[...]
        while rest.count > Self.mostInputByteCount {
            let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(Self.mostInputByteCount))
            try encode(piece, isLast: false, to: &output)
            rest = rest.dropFirst(piece.count)
        }
        try encode(UnsafeRawBufferPointer(rebasing: rest), isLast: true, to: &output)
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
        header.deallocate()
        scratch.deallocate()
    }

    func encode(
        _ block: UnsafeRawBufferPointer, isLast: Bool, to output: inout [UInt8]
    ) throws(CompressionError) {
        // zlib takes input it never writes to by a mutable pointer.
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: block.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(block.count)
        while true {
            stream.pointee.next_out = scratch.baseAddress
            stream.pointee.avail_out = UInt32(scratch.count)
            let status = deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
            let written = scratch.count - Int(stream.pointee.avail_out)
            output.append(contentsOf: scratch[..<written])
            switch status {
            case Z_STREAM_END where isLast: return
            case Z_OK, Z_BUF_ERROR:
                if !isLast, stream.pointee.avail_in == 0, written < scratch.count { return }
                if status == Z_BUF_ERROR, written == 0 { throw failure("deflate", status) }
            default: throw failure("deflate", status)
            }
        }
    }

    private func failure(_ call: String, _ status: Int32) -> CompressionError {
        CompressionError(.codecFailed, "zlib's \(call) answered \(status)")
    }
}

/// One gzip member through zlib's inflate.
final class GzipDecoder: StreamDecoder {
    private(set) var isAtEnd = false
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let scratch = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: scratchByteCount)

    init() throws(CompressionError) {
        stream.initialize(to: z_stream())
        let status = czlib_gunzip_init(stream)
        guard status == Z_OK else {
            throw CompressionError(.codecFailed, "zlib's inflateInit2 answered \(status)")
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        scratch.deallocate()
    }

    func decode(
        _ piece: UnsafeRawBufferPointer, mostByteCount: Int,
        to sink: (UnsafeRawBufferPointer) -> Void
    ) throws(CompressionError) {
        guard !isAtEnd else { throw trailingData() }
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: piece.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(piece.count)
        var left = mostByteCount
        repeat {
            stream.pointee.next_out = scratch.baseAddress
            stream.pointee.avail_out = UInt32(scratch.count)
            let status = inflate(stream, Z_NO_FLUSH)
            let written = scratch.count - Int(stream.pointee.avail_out)
            guard written <= left else { throw tooLarge() }
            left -= written
            if written > 0 {
                sink(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(scratch)[..<written]))
            }
            switch status {
            case Z_STREAM_END:
                isAtEnd = true
                guard stream.pointee.avail_in == 0 else { throw trailingData() }
                return
            case Z_OK: break
            // No progress is possible without more input.
            case Z_BUF_ERROR: return
            case Z_MEM_ERROR:
                throw CompressionError(.codecFailed, "zlib's inflate ran out of memory")
            default:
                throw CompressionError(.corrupt, "the bytes are not an intact gzip member")
            }
        } while stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0
    }
}
