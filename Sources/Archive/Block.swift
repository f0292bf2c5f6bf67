import BoundedDispatch
import Compression
import ExportModel

/// Slices, ends and drops that are written together, gathered until they are worth a write.
struct BlockContent: Sendable {
    enum Item: Sendable {
        case slice(ArchivedSlice, ordinal: Int)
        case end(ArchivedEnd, sliceCount: Int)
        case drop
    }

    private(set) var items: [(mention: BlockIndex.Mention, item: Item)] = []
    /// About what index and payload take before they are compressed.
    private(set) var byteCount = 0

    mutating func append(_ item: Item, of mention: BlockIndex.Mention) {
        items.append((mention, item))
        byteCount += 64 + mention.id.utf8.count + mention.account.utf8.count
        if case .slice(let slice, _) = item {
            byteCount += slice.byteCount + 16 * slice.pages.count
        }
    }
}

/// A block as it is written after its frame.
struct EncodedBlock: Sendable {
    /// Where a slice lies in the payload.
    struct Slice: Sendable {
        var version: String
        var ordinal: Int
        var range: Range<Int>
    }

    var index: BlockFrame.Part
    var payload: BlockFrame.Part
    var indexBytes: [UInt8]
    var payloadBytes: [UInt8]
    var slices: [Slice] = []
    /// Versions that end in the block, and those that are dropped by it.
    var ended: [String] = []
    var dropped: [String] = []

    init(_ content: BlockContent, _ coder: BlockCoder) throws(ArchiveError) {
        var index = BlockIndex()
        var pieces: [[UInt8]] = []
        var offset = 0
        for (mention, item) in content.items {
            switch item {
            case .slice(let slice, let ordinal):
                let head = SliceRecord.head(of: slice)
                let byteCount = head.count + slice.byteCount
                pieces.append(head)
                for page in slice.pages where !page.body.isEmpty { pieces.append(page.body) }
                slices.append(
                    Slice(
                        version: mention.id, ordinal: ordinal, range: offset..<offset + byteCount))
                offset += byteCount
                index.append(.slice(ordinal: ordinal, byteCount: byteCount), of: mention)
            case .end(let end, let sliceCount):
                ended.append(mention.id)
                index.append(.end(end, sliceCount: sliceCount), of: mention)
            case .drop:
                dropped.append(mention.id)
                index.append(.drop, of: mention)
            }
        }
        do {
            (self.index, indexBytes) = try Self.stored([index.bytes], coder)
            (payload, payloadBytes) = try Self.stored(pieces, coder)
        } catch {
            throw ArchiveError(
                code: .archiveFailed, message: "compressing a block: \(error.message)",
                cause: error)
        }
    }

    /// Compressed where that is shorter.
    private static func stored(
        _ pieces: [[UInt8]], _ coder: BlockCoder
    ) throws(CompressionError) -> (BlockFrame.Part, [UInt8]) {
        let byteCount = pieces.reduce(0) { $0 + $1.count }
        var bytes = byteCount == 0 ? [] : try coder.compress(pieces)
        if bytes.count >= byteCount { bytes = Array(pieces.joined()) }
        let part = BlockFrame.Part(
            storedByteCount: bytes.count, byteCount: byteCount, checksum: CRC32C.of(bytes))
        return (part, bytes)
    }
}

extension BlockFrame.Part {
    /// Whether these are the stored bytes.
    func isIntact(_ bytes: [UInt8]) -> Bool {
        bytes.count == storedByteCount && CRC32C.of(bytes) == checksum
    }

    /// What a part held before it was stored; nil where these are not its bytes.
    func restored(_ bytes: [UInt8], _ coder: BlockCoder) -> [UInt8]? {
        guard isIntact(bytes) else { return nil }
        return isCompressed ? try? coder.decompress(bytes, byteCount: byteCount) : bytes
    }
}

/// A full block on its way to the file. Any thread may encode it, before or when it is written.
final class SealedBlock: Sendable {
    private enum State {
        case waiting(BlockContent)
        case encoded(EncodedBlock)
    }

    let byteCount: Int
    private let state: Guarded<State>

    init(_ content: BlockContent) {
        byteCount = content.byteCount
        state = Guarded(.waiting(content))
    }

    /// The block, encoded once; other threads that ask wait for it.
    func encoded(_ coder: BlockCoder) throws(ArchiveError) -> EncodedBlock {
        try state.withLock { state throws(ArchiveError) in
            switch state {
            case .encoded(let block): return block
            case .waiting(let content):
                let block = try EncodedBlock(content, coder)
                state = .encoded(block)
                return block
            }
        }
    }
}
