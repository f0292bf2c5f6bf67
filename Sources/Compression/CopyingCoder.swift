/// Both ways of ``Codec/none``.
final class CopyingCoder: StreamEncoder, StreamDecoder {
    static let blockByteCount = 1 << 17
    /// Any number of bytes is whole.
    let isAtEnd = true

    func encode(
        _ block: UnsafeRawBufferPointer, isLast: Bool, to output: inout [UInt8]
    ) throws(CompressionError) {
        output.append(contentsOf: block)
    }

    func decode(
        _ piece: UnsafeRawBufferPointer, maximumByteCount: Int,
        to sink: (UnsafeRawBufferPointer) -> Void
    ) throws(CompressionError) {
        guard piece.count <= maximumByteCount else { throw tooLarge() }
        var start = 0
        while start < piece.count {
            let end = min(start + DecompressionStream.maximumPieceByteCount, piece.count)
            sink(UnsafeRawBufferPointer(rebasing: piece[start..<end]))
            start = end
        }
    }
}
