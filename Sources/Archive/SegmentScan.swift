import Compression
import FileSystem

/// Why bytes of a segment cannot be used.
struct SegmentFlaw: Hashable {
    /// The bytes that are of no use.
    var range: Range<Int>
    var reason: String
}

/// What a segment's file holds that can be trusted, read without the payloads.
///
/// Writes that were not made durable may have reached the disk in part and in any order. Each frame
/// says how far the segment was durable when it was written, so what is wrong after the last such
/// place is taken for the end of an interrupted write, and what is wrong before it for damage.
struct SegmentScan {
    /// nil where its block is damaged or was not written.
    private(set) var header: SegmentHeader?
    private(set) var blocks: [(place: BlockPlace, index: BlockIndex)] = []
    /// Damage, in the order of the file.
    private(set) var flaws: [SegmentFlaw] = []
    /// Where an interrupted write begins; the file's end where there is none.
    private(set) var validEnd = 0
    let byteCount: Int
    /// How far the segment was durable when its last frame was written.
    private var durableEnd = 0

    private static let chunkByteCount = 1 << 18

    /// - Parameter expected: the header of a segment with this file's name.
    init(
        _ file: OpenFile<ArchiveError>, expected: SegmentHeader, _ coder: BlockCoder
    ) throws(ArchiveError) {
        byteCount = try file.byteCount()
        guard byteCount > 0 else { return }
        validEnd = byteCount
        let source = Source(file: file, byteCount: byteCount, seed: expected.seed)
        guard let start = try readHeader(source, expected) else { return }
        try readBlocks(source, from: start, segment: expected.number, coder)
        try checkPayloads(source, coder)
        cutInterruptedWrite()
    }

    /// - Returns: where the blocks begin; nil where the file is no segment of this window.
    private mutating func readHeader(
        _ source: Source, _ expected: SegmentHeader
    ) throws(ArchiveError) -> Int? {
        let end = expected.bytes.count
        guard let frame = try source.frame(at: 0, seed: 0),
            let index = try source.index(of: frame, at: 0)
        else {
            flaws.append(
                SegmentFlaw(range: 0..<min(end, byteCount), reason: "its header is damaged"))
            return end
        }
        guard let found = SegmentHeader(index: index) else {
            flaws.append(
                SegmentFlaw(
                    range: 0..<byteCount,
                    reason: "its format is unknown to this version of cdrx"))
            return nil
        }
        guard found.window == expected.window, found.number == expected.number else {
            flaws.append(
                SegmentFlaw(range: 0..<byteCount, reason: "it is a segment of another window"))
            return nil
        }
        header = found
        return frame.blockByteCount
    }

    private mutating func readBlocks(
        _ source: Source, from start: Int, segment: Int, _ coder: BlockCoder
    ) throws(ArchiveError) {
        var offset = start
        while offset < byteCount {
            guard let frame = try source.frame(at: offset, seed: source.seed) else {
                let next = try source.nextFrame(after: offset)
                flaws.append(
                    SegmentFlaw(
                        range: offset..<(next ?? byteCount), reason: "a block's frame is damaged"))
                offset = next ?? byteCount
                continue
            }
            durableEnd = max(durableEnd, frame.durableEnd)
            let place = BlockPlace(segment: segment, offset: offset, frame: frame)
            guard place.end <= byteCount else {
                flaws.append(SegmentFlaw(range: offset..<byteCount, reason: "a block is cut"))
                return
            }
            let index = try source.index(of: frame, at: offset)
                .flatMap { frame.index.restored($0, coder) }.flatMap(BlockIndex.init)
            if let index, index.payloadByteCount == frame.payload.byteCount {
                blocks.append((place, index))
            } else {
                flaws.append(
                    SegmentFlaw(range: offset..<place.end, reason: "a block's index is damaged"))
            }
            offset = place.end
        }
    }

    /// Reads the payloads that were not durable when the last frame was written.
    private mutating func checkPayloads(
        _ source: Source, _ coder: BlockCoder
    ) throws(ArchiveError) {
        for (place, _) in blocks where place.end > durableEnd {
            let part = place.frame.payload
            let bytes = try source.bytes(at: place.payloadOffset, count: part.storedByteCount)
            if !part.isIntact(bytes) {
                flaws.append(
                    SegmentFlaw(
                        range: place.offset..<place.end, reason: "a block's payload is damaged"))
            }
        }
        flaws.sort { $0.range.lowerBound < $1.range.lowerBound }
    }

    private mutating func cutInterruptedWrite() {
        guard let cut = flaws.firstIndex(where: { $0.range.lowerBound >= durableEnd }) else {
            return
        }
        let end = flaws[cut].range.lowerBound
        validEnd = end
        flaws.removeSubrange(cut...)
        blocks.removeAll { $0.place.offset >= end }
    }

    /// The bytes of one file.
    private struct Source {
        let file: OpenFile<ArchiveError>
        let byteCount: Int
        let seed: UInt32

        /// Fewer where the file ends before.
        func bytes(at offset: Int, count: Int) throws(ArchiveError) -> [UInt8] {
            try file.read(at: offset, byteCount: max(0, min(count, byteCount - offset)))
        }

        func frame(at offset: Int, seed: UInt32) throws(ArchiveError) -> BlockFrame? {
            let bytes = try bytes(at: offset, count: BlockFrame.byteCount)
            return BlockFrame(bytes[...], at: offset, seed: seed)
        }

        /// As it is stored; nil where it is damaged.
        func index(of frame: BlockFrame, at offset: Int) throws(ArchiveError) -> [UInt8]? {
            let bytes = try bytes(
                at: offset + BlockFrame.byteCount, count: frame.index.storedByteCount)
            return frame.index.isIntact(bytes) ? bytes : nil
        }

        /// Where the next frame stands after `offset`.
        func nextFrame(after offset: Int) throws(ArchiveError) -> Int? {
            var start = offset + 1
            while start + BlockFrame.byteCount <= byteCount {
                let chunk = try bytes(at: start, count: chunkByteCount)
                for place in BlockFrame.places(in: chunk) {
                    let bytes = chunk[place..<place + BlockFrame.byteCount]
                    if BlockFrame(bytes, at: start + place, seed: seed) != nil {
                        return start + place
                    }
                }
                start += chunk.count - BlockFrame.byteCount + 1
            }
            return nil
        }
    }
}
