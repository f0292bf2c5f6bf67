import CZlib

/// Bytes a codec may write before its output is taken from it.
private let scratchByteCount = 1 << 16

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
        _ piece: UnsafeRawBufferPointer, maximumByteCount: Int,
        to sink: (UnsafeRawBufferPointer) -> Void
    ) throws(CompressionError) {
        guard !isAtEnd else { throw trailingData() }
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: piece.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(piece.count)
        var left = maximumByteCount
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
