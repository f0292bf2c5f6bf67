/// Reads back what one ``CompressionStream`` wrote, as it comes.
///
/// Exactly one gzip member or zstd frame is accepted: ``finish()`` throws where it was cut, and
/// ``append(_:to:)`` where bytes follow it. Not for use by two threads at once.
public final class DecompressionStream {
    /// Most bytes the data is handed on in.
    public static let maximumPieceByteCount = 1 << 17
    private static let maximumInputByteCount = 1 << 30

    private let decoder: any StreamDecoder
    private let maximumByteCount: Int
    private var byteCount = 0

    /// - Parameter maximumByteCount: data beyond this many bytes is an error, so that a small file
    ///   cannot fill the memory.
    public init(_ codec: Codec, maximumByteCount: Int = .max) throws(CompressionError) {
        self.maximumByteCount = maximumByteCount
        switch codec {
        case .gzip: decoder = try GzipDecoder()
        case .zstd: decoder = try ZstdDecoder()
        case .none: decoder = CopyingCoder()
        }
    }

    /// Takes compressed `bytes` and hands on the data they hold, piece by piece, so that memory
    /// stays flat however small the data was compressed.
    ///
    /// - Parameter sink: called with at most ``maximumPieceByteCount`` bytes, which are valid only
    ///   during the call.
    /// - Throws: `corrupt`, `trailingData` or `tooLarge` of ``CompressionError/Code``.
    public func append(
        _ bytes: UnsafeRawBufferPointer, to sink: (UnsafeRawBufferPointer) -> Void
    ) throws(CompressionError) {
        var start = 0
        while start < bytes.count {
            // zlib counts in 32 bits.
            let piece = UnsafeRawBufferPointer(
                rebasing: bytes[start..<min(start + Self.maximumInputByteCount, bytes.count)])
            try decoder.decode(piece, maximumByteCount: maximumByteCount - byteCount) { data in
                byteCount += data.count
                sink(data)
            }
            start += piece.count
        }
    }

    /// The same for an array.
    public func append(
        _ bytes: [UInt8], to sink: (UnsafeRawBufferPointer) -> Void
    ) throws(CompressionError) {
        try bytes.span.bytes.withUnsafeBytes { (buffer) throws(CompressionError) in
            try append(buffer, to: sink)
        }
    }

    /// The same for an array, with the data appended to `output`.
    public func append(_ bytes: [UInt8], to output: inout [UInt8]) throws(CompressionError) {
        try append(bytes) { output.append(contentsOf: $0) }
    }

    /// Throws ``CompressionError/Code/truncated`` unless the data ended where the bytes did.
    public func finish() throws(CompressionError) {
        guard decoder.isAtEnd else {
            throw CompressionError(
                .truncated, "the compressed data ends too early: the file was cut, write it again")
        }
    }
}

/// Reads back `bytes` whole.
///
/// - Parameter maximumByteCount: data beyond this many bytes is an error.
public func decompress(
    _ bytes: [UInt8], _ codec: Codec, maximumByteCount: Int = .max
) throws(CompressionError) -> [UInt8] {
    var output: [UInt8] = []
    let stream = try DecompressionStream(codec, maximumByteCount: maximumByteCount)
    try stream.append(bytes, to: &output)
    try stream.finish()
    return output
}

/// A codec's decompressor: called by one ``DecompressionStream`` with one piece after the other.
protocol StreamDecoder: AnyObject {
    /// Whether the member or frame has ended; then no bytes may come any more.
    var isAtEnd: Bool { get }
    /// Hands the data of a piece (1 byte…1 GiB) to `sink`; throws where it is more than
    /// `maximumByteCount`.
    func decode(
        _ piece: UnsafeRawBufferPointer, maximumByteCount: Int,
        to sink: (UnsafeRawBufferPointer) -> Void
    ) throws(CompressionError)
}

extension StreamDecoder {
    func trailingData() -> CompressionError {
        CompressionError(.trailingData, "bytes follow after the end of the compressed data")
    }

    func tooLarge() -> CompressionError {
        CompressionError(.tooLarge, "the data is larger than its reader allows")
    }
}
