import BoundedDispatch
import CZstd

/// Compresses blocks of bytes into zstd frames of level ``Codec/defaultZstdLevel`` and back, each frame independent of the others. Any
/// thread may call; contexts are set up once and used again.
///
/// A frame states its data's size and carries a checksum of it.
public final class BlockCoder: Sendable {
    /// Contexts that are kept although nobody uses them.
    private static let maximumIdleCount = 8

    /// Addresses of idle contexts, because pointers are not Sendable.
    private struct Idle {
        var compressors: [UInt] = []
        var decompressors: [UInt] = []
    }

    private let idle = Guarded(Idle())

    public init() {}

    deinit {
        let idle = idle.withLock { $0 }
        for address in idle.compressors { ZSTD_freeCCtx(OpaquePointer(bitPattern: address)) }
        for address in idle.decompressors { ZSTD_freeDCtx(OpaquePointer(bitPattern: address)) }
    }

    /// One frame that holds the pieces, joined.
    ///
    /// - Throws: ``CompressionError/Code/codecFailed``.
    public func compress(_ pieces: [[UInt8]]) throws(CompressionError) -> [UInt8] {
        let context = try takeCompressor()
        let byteCount = pieces.reduce(0) { $0 + $1.count }
        var failed = 0
        let frame = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(byteCount)) {
            buffer, count in
            var room = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
            failed = Self.compress(pieces, byteCount, context, &room)
            count = failed == 0 ? room.pos : 0
        }
        giveBack(compressor: context)
        if failed != 0 {
            throw CompressionError(
                .codecFailed, "zstd: \(String(cString: ZSTD_getErrorName(failed)))")
        }
        return frame
    }

    /// - Returns: 0, or what zstd says.
    private static func compress(
        _ pieces: [[UInt8]], _ byteCount: Int, _ context: OpaquePointer,
        _ room: inout ZSTD_outBuffer
    ) -> Int {
        ZSTD_CCtx_reset(context, ZSTD_reset_session_only)
        ZSTD_CCtx_setPledgedSrcSize(context, UInt64(byteCount))
        for piece in pieces {
            let status = piece.withUnsafeBytes { bytes in
                var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
                var status = 0
                while input.pos < input.size, ZSTD_isError(status) == 0 {
                    status = ZSTD_compressStream2(context, &room, &input, ZSTD_e_continue)
                }
                return status
            }
            if ZSTD_isError(status) != 0 { return status }
        }
        var input = ZSTD_inBuffer(src: nil, size: 0, pos: 0)
        while true {
            let left = ZSTD_compressStream2(context, &room, &input, ZSTD_e_end)
            if left == 0 || ZSTD_isError(left) != 0 { return left }
        }
    }

    /// What a frame holds.
    ///
    /// - Parameter byteCount: of the data, as the caller knows it.
    /// - Throws: ``CompressionError/Code/corrupt`` where the frame is not intact or holds another
    ///   number of bytes.
    public func decompress(
        _ frame: [UInt8], byteCount: Int
    ) throws(CompressionError) -> [UInt8] {
        // Four bytes are 128 KiB at most (RFC 8878, section 3.1.1.2.3), so a wrong count cannot
        // ask for more memory than there is.
        guard byteCount <= (frame.count / 4 + 1) << 17 else { throw Self.corrupt() }
        let context = try takeDecompressor()
        var isIntact = false
        let data = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            let status = frame.withUnsafeBytes {
                ZSTD_decompressDCtx(
                    context, buffer.baseAddress, buffer.count, $0.baseAddress, $0.count)
            }
            isIntact = status == byteCount
            count = isIntact ? status : 0
        }
        giveBack(decompressor: context)
        guard isIntact else { throw Self.corrupt() }
        return data
    }

    private static func corrupt() -> CompressionError {
        CompressionError(.corrupt, "the bytes are not an intact zstd frame")
    }

    private func takeCompressor() throws(CompressionError) -> OpaquePointer {
        let address = idle.withLock { $0.compressors.popLast() }
        if let address, let context = OpaquePointer(bitPattern: address) { return context }
        guard let context = ZSTD_createCCtx() else {
            throw CompressionError(.codecFailed, "zstd has no memory for a compressor")
        }
        for (parameter, value) in [
            (ZSTD_c_compressionLevel, Int32(Codec.defaultZstdLevel)), (ZSTD_c_checksumFlag, 1),
        ] {
            ZSTD_CCtx_setParameter(context, parameter, value)
        }
        return context
    }

    private func takeDecompressor() throws(CompressionError) -> OpaquePointer {
        let address = idle.withLock { $0.decompressors.popLast() }
        if let address, let context = OpaquePointer(bitPattern: address) { return context }
        guard let context = ZSTD_createDCtx() else {
            throw CompressionError(.codecFailed, "zstd has no memory for a decompressor")
        }
        return context
    }

    private func giveBack(compressor context: OpaquePointer) {
        let isKept = idle.withLock { idle in
            guard idle.compressors.count < Self.maximumIdleCount else { return false }
            idle.compressors.append(UInt(bitPattern: context))
            return true
        }
        if !isKept { ZSTD_freeCCtx(context) }
    }

    private func giveBack(decompressor context: OpaquePointer) {
        let isKept = idle.withLock { idle in
            guard idle.decompressors.count < Self.maximumIdleCount else { return false }
            idle.decompressors.append(UInt(bitPattern: context))
            return true
        }
        if !isKept { ZSTD_freeDCtx(context) }
    }
}
