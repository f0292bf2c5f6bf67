import Compression
import FileSystem

/// One segment's file, open as long as somebody holds it, also after it was removed.
struct Segment: Sendable {
    let path: String
    let header: SegmentHeader
    let file: OpenFile<ArchiveError>

    var number: Int { header.number }

    /// What a block's payload holds, decompressed; nil where it is damaged.
    func payload(
        at place: BlockPlace, _ coder: BlockCoder
    ) throws(ArchiveError) -> [UInt8]? {
        let part = place.frame.payload
        let bytes = try file.read(at: place.payloadOffset, byteCount: part.storedByteCount)
        return part.restored(bytes, coder)
    }

    /// Writes a block.
    ///
    /// - Parameter durableEnd: how far the segment is durable now.
    func write(
        _ block: EncodedBlock, at offset: Int, durableEnd: Int
    ) throws(ArchiveError) -> BlockPlace {
        let frame = BlockFrame(index: block.index, payload: block.payload, durableEnd: durableEnd)
        var front = frame.bytes(at: offset, seed: header.seed) + block.indexBytes
        if block.payloadBytes.count <= 1 << 16 {
            front += block.payloadBytes
            try file.write(front, at: offset)
        } else {
            try file.write(front, at: offset)
            try file.write(block.payloadBytes, at: offset + front.count)
        }
        return BlockPlace(segment: number, offset: offset, frame: frame)
    }
}
