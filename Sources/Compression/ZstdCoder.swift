import CZstd

/// Bytes a codec may write before its output is taken from it.
private let scratchByteCount = 1 << 17

/// One Zstandard frame, with a content checksum, on one thread.
final class ZstdEncoder: StreamEncoder {
    static let blockByteCount = 1 << 20

    private let context: OpaquePointer
    private let decoder: ZstdDecoder
    private let scratch = UnsafeMutableRawBufferPointer.allocate(
        byteCount: scratchByteCount, alignment: 16)

    init(level: Int, hasChecksum: Bool = true) throws(CompressionError) {
        guard let context = ZSTD_createCCtx() else {
            throw CompressionError(.codecFailed, "zstd has no memory for a compressor")
        }
        self.context = context
        decoder = try ZstdDecoder()
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
        let start = output.count
        let limit = ZSTD_compressBound(block.count)
        var status = 0
        output.append(addingCapacity: limit) { room in
            status = ZSTD_compress2(
                context, room.baseAddress, room.count, block.baseAddress, block.count)
            return ZSTD_isError(status) == 0 ? status : 0
        }
        guard ZSTD_isError(status) == 0 else { throw zstdFailure(status) }
        decoder.reset()
        try prove(output[start...], holds: block, isLast: true)
    }

    deinit {
        ZSTD_freeCCtx(context)
        scratch.deallocate()
    }

    func encode(
        _ block: UnsafeRawBufferPointer, isLast: Bool, to output: inout [UInt8]
    ) throws(CompressionError) {
        let start = output.count
        var input = ZSTD_inBuffer(src: block.baseAddress, size: block.count, pos: 0)
        var left = 1
        while left > 0 {
            var room = ZSTD_outBuffer(dst: scratch.baseAddress, size: scratch.count, pos: 0)
            left = ZSTD_compressStream2(
                context, &room, &input, isLast ? ZSTD_e_end : ZSTD_e_flush)
            guard ZSTD_isError(left) == 0 else { throw zstdFailure(left) }
            output.append(contentsOf: scratch[..<room.pos])
        }
        try prove(output[start...], holds: block, isLast: isLast)
    }

    /// Reads back what `block` was compressed to.
    ///
    /// - Throws: ``CompressionError/Code/codecFailed`` where it holds anything else.
    func prove(
        _ bytes: ArraySlice<UInt8>, holds block: UnsafeRawBufferPointer, isLast: Bool
    ) throws(CompressionError) {
        var expected = ExpectedBytes(block)
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(CompressionError) in
                try decoder.decode(buffer, maximumByteCount: block.count) { _ = expected.take($0) }
            }
        }
        guard case .success = result, expected.isComplete, decoder.isAtEnd == isLast else {
            throw CompressionError(
                .codecFailed,
                "a compressed block does not read back as its data; check the memory of the machine"
            )
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

    /// Makes ready for another frame.
    func reset() {
        ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        isAtEnd = false
    }

    func decode(
        _ piece: UnsafeRawBufferPointer, maximumByteCount: Int,
        to sink: (UnsafeRawBufferPointer) -> Void
    ) throws(CompressionError) {
        guard !isAtEnd else { throw trailingData() }
        var input = ZSTD_inBuffer(src: piece.baseAddress, size: piece.count, pos: 0)
        var left = maximumByteCount
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
