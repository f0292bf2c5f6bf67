import CZstd

/// Bytes a codec may write before its output is taken from it.
private let scratchByteCount = 1 << 17

/// One Zstandard frame, with a content checksum, on one thread.
final class ZstdEncoder: StreamEncoder {
    private let context: OpaquePointer
    private let scratch = UnsafeMutableRawBufferPointer.allocate(
        byteCount: scratchByteCount, alignment: 16)

    init(level: Int, hasChecksum: Bool = true) throws(CompressionError) {
        guard let context = ZSTD_createCCtx() else {
            throw CompressionError(.codecFailed, "zstd has no memory for a compressor")
        }
        self.context = context
        for (parameter, value) in [
            (ZSTD_c_compressionLevel, Int32(level)), (ZSTD_c_checksumFlag, hasChecksum ? 1 : 0),
        ] {
            let status = ZSTD_CCtx_setParameter(context, parameter, value)
            guard ZSTD_isError(status) == 0 else { throw zstdFailure(status) }
        }
    }

    /// Makes a frame of its own of `block`; it states the block's size.
    func encodeWhole(
        _ block: UnsafeRawBufferPointer, to output: inout [UInt8]
    ) throws(CompressionError) {
        ZSTD_CCtx_reset(context, ZSTD_reset_session_only)
        let most = ZSTD_compressBound(block.count)
        var failed: Int?
        output.append(addingCapacity: most) { room in
            let written = ZSTD_compress2(
                context, room.baseAddress, room.count, block.baseAddress, block.count)
            guard ZSTD_isError(written) == 0 else {
                failed = written
                return 0
            }
            return written
        }
        if let failed { throw zstdFailure(failed) }
    }

    deinit {
        ZSTD_freeCCtx(context)
        scratch.deallocate()
    }

    func encode(
        _ block: UnsafeRawBufferPointer, isLast: Bool, to output: inout [UInt8]
    ) throws(CompressionError) {
        var input = ZSTD_inBuffer(src: block.baseAddress, size: block.count, pos: 0)
        while true {
            var room = ZSTD_outBuffer(dst: scratch.baseAddress, size: scratch.count, pos: 0)
            let left = ZSTD_compressStream2(
                context, &room, &input, isLast ? ZSTD_e_end : ZSTD_e_continue)
            guard ZSTD_isError(left) == 0 else { throw zstdFailure(left) }
            output.append(contentsOf: scratch[..<room.pos])
            if isLast ? left == 0 : input.pos == input.size { return }
        }
    }
}

/// One Zstandard frame.
final class ZstdDecoder: StreamDecoder {
    private(set) var isAtEnd = false
    private let context: OpaquePointer
    private let scratch = UnsafeMutableRawBufferPointer.allocate(
        byteCount: scratchByteCount, alignment: 16)

    init() throws(CompressionError) {
        guard let context = ZSTD_createDCtx() else {
            throw CompressionError(.codecFailed, "zstd has no memory for a decompressor")
        }
        self.context = context
    }

    deinit {
        ZSTD_freeDCtx(context)
        scratch.deallocate()
    }

    func decode(
        _ piece: UnsafeRawBufferPointer, mostByteCount: Int,
        to sink: (UnsafeRawBufferPointer) -> Void
    ) throws(CompressionError) {
        guard !isAtEnd else { throw trailingData() }
        var input = ZSTD_inBuffer(src: piece.baseAddress, size: piece.count, pos: 0)
        var left = mostByteCount
        var isScratchFull = false
        repeat {
            var room = ZSTD_outBuffer(dst: scratch.baseAddress, size: scratch.count, pos: 0)
            let status = ZSTD_decompressStream(context, &room, &input)
            guard ZSTD_isError(status) == 0 else {
                throw CompressionError(.corrupt, "the bytes are not an intact zstd frame")
            }
            guard room.pos <= left else { throw tooLarge() }
            left -= room.pos
            if room.pos > 0 {
                sink(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(scratch)[..<room.pos]))
            }
            if status == 0 {
                isAtEnd = true
                guard input.pos == input.size else { throw trailingData() }
                return
            }
            isScratchFull = room.pos == room.size
        } while input.pos < input.size || isScratchFull
    }
}

private func zstdFailure(_ status: Int) -> CompressionError {
    CompressionError(.codecFailed, "zstd: \(String(cString: ZSTD_getErrorName(status)))")
}

extension [UInt8] {
    /// Appends as many bytes as `write` says it wrote into room for `count` of them.
    fileprivate mutating func append(
        addingCapacity count: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int
    ) {
        let start = self.count
        append(contentsOf: repeatElement(0, count: count))
        let written = withUnsafeMutableBytes { write(.init(rebasing: $0[start...])) }
        removeLast(count - written)
    }
}
