import CDeflate
import CZlib

/// A stretch of a gzip member's data as deflate blocks that end on a byte border and leave the
/// stream open. Another library has read it back and found the same data.
struct GzipChunk: Sendable {
    /// Deflate blocks (RFC 1951), the last one stored and empty.
    let bytes: [UInt8]
    /// CRC-32 of the data.
    let checksum: UInt32
    /// Of the data.
    let byteCount: Int
}

/// Makes chunks with libdeflate and proves each with zlib. For one thread.
///
/// Equal data gives equal chunks whatever came before, so that chunks can be made side by side by
/// several compressors; ``GzipEncoder`` joins them in order.
final class GzipChunkCompressor {
    /// Bits of a chunk, counted from its first bit.
    struct LastBlock: Equatable {
        /// Where its header begins; the first bit of it says that it is the last.
        var headerBit: Int
        /// The bit after it.
        var endBit: Int
    }

    private let deflater: OpaquePointer
    // zlib keeps a pointer to it: it must not move while it lives.
    private let inflater = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private let window = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)

    init(level: Int) throws(CompressionError) {
        inflater.initialize(to: z_stream())
        guard let deflater = libdeflate_alloc_compressor(Int32(level)),
            czlib_inflate_raw_init(inflater) == Z_OK
        else { throw CompressionError(.codecFailed, "there is no memory for a gzip compressor") }
        self.deflater = deflater
    }

    deinit {
        libdeflate_free_compressor(deflater)
        inflateEnd(inflater)
        inflater.deallocate()
        window.deallocate()
    }

    /// Compresses at least one byte.
    func chunk(of data: UnsafeRawBufferPointer) throws(CompressionError) -> GzipChunk {
        var bytes = try compressed(data)
        Self.reopen(&bytes, try lastBlock(of: bytes, holding: data))
        return GzipChunk(
            bytes: bytes, checksum: libdeflate_crc32(0, data.baseAddress, data.count),
            byteCount: data.count)
    }

    /// Deflate blocks of `data`, not yet proven.
    func compressed(_ data: UnsafeRawBufferPointer) throws(CompressionError) -> [UInt8] {
        let limit = libdeflate_deflate_compress_bound(deflater, data.count)
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { room, count in
            count = libdeflate_deflate_compress(
                deflater, data.baseAddress, data.count, room.baseAddress, room.count)
        }
        guard !bytes.isEmpty else {
            throw CompressionError(.codecFailed, "libdeflate found no room for its output")
        }
        return bytes
    }

    /// Reads deflate blocks back and finds the last one.
    ///
    /// - Throws: ``CompressionError/Code/codecFailed`` where they hold anything but `data`.
    func lastBlock(
        of bytes: [UInt8], holding data: UnsafeRawBufferPointer
    ) throws(CompressionError) -> LastBlock {
        let found = bytes.withUnsafeBufferPointer { buffer -> LastBlock? in
            guard inflateReset(inflater) == Z_OK else { return nil }
            inflater.pointee.next_in = UnsafeMutablePointer(mutating: buffer.baseAddress)
            inflater.pointee.avail_in = UInt32(buffer.count)
            return inflateAll(holding: data)
        }
        guard let found else {
            throw CompressionError(
                .codecFailed,
                "a compressed chunk does not read back as its data; check the memory of the machine"
            )
        }
        return found
    }

    private func inflateAll(holding data: UnsafeRawBufferPointer) -> LastBlock? {
        var expected = ExpectedBytes(data)
        var last = LastBlock(headerBit: 0, endBit: 0)
        while true {
            inflater.pointee.next_out = window.bindMemory(to: UInt8.self).baseAddress
            inflater.pointee.avail_out = UInt32(window.count)
            let status = inflate(inflater, Z_BLOCK)
            let count = window.count - Int(inflater.pointee.avail_out)
            guard expected.take(UnsafeRawBufferPointer(rebasing: window[..<count]))
            else { return nil }
            if status == Z_STREAM_END {
                return expected.isComplete && inflater.pointee.avail_in == 0 ? last : nil
            }
            guard status == Z_OK else { return nil }
            // zlib.h, inflate: 128 stands for the end of a block, 64 for the last one, and the low
            // three bits count those of the last byte that are not used yet.
            let state = inflater.pointee.data_type
            let bit = Int(inflater.pointee.total_in) * 8 - Int(state & 7)
            if state & 192 == 128 { last.headerBit = bit }
            if state & 192 == 192 { last.endBit = bit }
        }
    }

    /// Takes the mark of the last block away and appends an empty stored block, which ends on a
    /// byte border (RFC 1951, section 3.2.4).
    private static func reopen(_ bytes: inout [UInt8], _ last: LastBlock) {
        bytes[last.headerBit / 8] &= ~(1 << UInt8(last.headerBit % 8))
        let usedBits = last.endBit % 8
        // Its header is three bits of 0, and so is the rest of the byte that they end in.
        if usedBits > 0 { bytes[bytes.count - 1] &= 1 << UInt8(usedBits) - 1 }
        if usedBits == 0 || usedBits > 5 { bytes.append(0) }
        bytes += [0, 0, 0xFF, 0xFF]
    }
}
