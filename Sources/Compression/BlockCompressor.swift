/// Compresses many blocks of bytes, each into a gzip member or zstd frame of its own, with one
/// codec that is set up once. Meant for the pages of a Parquet file.
///
/// Equal blocks give equal bytes whatever came before. Not for use by two threads at once.
public final class BlockCompressor {
    private enum Backend {
        case gzip(GzipEncoder)
        case zstd(ZstdEncoder)
        case none
    }

    private let backend: Backend

    /// - Throws: ``CompressionError/Code/levelOutOfRange``, or
    ///   ``CompressionError/Code/codecFailed`` where the codec has no memory.
    public init(_ codec: Codec) throws(CompressionError) {
        try codec.checkLevel()
        switch codec {
        case .gzip(let level): backend = .gzip(GzipEncoder(level: level))
        case .zstd(let level):
            backend = .zstd(try ZstdEncoder(level: level, hasChecksum: false))
        case .none: backend = .none
        }
    }

    /// Appends what `block` compresses to; zstd frames state the block's size and carry no
    /// checksum, because a page has its own.
    public func compress(
        _ block: UnsafeRawBufferPointer, to output: inout [UInt8]
    ) throws(CompressionError) {
        switch backend {
        case .gzip(let encoder):
            try encoder.encodeWhole(block, to: &output)
        case .zstd(let encoder):
            try encoder.encodeWhole(block, to: &output)
        case .none: output.append(contentsOf: block)
        }
    }
}
