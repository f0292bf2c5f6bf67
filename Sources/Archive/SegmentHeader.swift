import Compression
import FileSystem

/// The first block of a segment, with an empty payload: whose segment it is.
struct SegmentHeader: Hashable {
    static let magic = "cdrx archive"
    static let formatVersion = 1

    var window: WindowName
    /// Counts the segments of a window, from 1.
    var number: Int
    /// Whether it holds all that the segments with lower numbers held and is still wanted.
    var replacesEarlier = false

    /// What the checksums of the segment's frames begin with. The header's own frame, which is read
    /// to learn whose segment it is, begins with 0.
    var seed: UInt32 {
        var encoder = ArchiveEncoder()
        append(to: &encoder)
        return CRC32C.of(encoder.bytes)
    }

    /// Frame and index as they stand at the beginning of the file.
    var bytes: [UInt8] {
        var encoder = ArchiveEncoder()
        append(to: &encoder)
        encoder.append(replacesEarlier)
        let index = BlockFrame.Part(
            storedByteCount: encoder.bytes.count, byteCount: encoder.bytes.count,
            checksum: CRC32C.of(encoder.bytes))
        let frame = BlockFrame(
            index: index, payload: .init(storedByteCount: 0, byteCount: 0, checksum: 0),
            durableEnd: 0)
        return frame.bytes(at: 0, seed: 0) + encoder.bytes
    }

    init(window: WindowName, number: Int, replacesEarlier: Bool = false) {
        self.window = window
        self.number = number
        self.replacesEarlier = replacesEarlier
    }

    /// - Returns: nil if this is no header of this format.
    init?(index bytes: [UInt8]) {
        var decoder = ArchiveDecoder(bytes[...])
        guard decoder.text() == Self.magic, decoder.count() == Self.formatVersion,
            let pipeline = decoder.text(), let stream = decoder.text(), let key = decoder.text(),
            let number = decoder.count(), let replaces = decoder.flag(), decoder.isAtEnd
        else { return nil }
        window = WindowName(pipeline: pipeline, stream: stream, key: key)
        self.number = number
        replacesEarlier = replaces
    }

    /// Reads the beginning of a file.
    ///
    /// - Returns: nil if there is no intact header.
    init?(_ file: OpenFile<ArchiveError>) throws(ArchiveError) {
        let bytes = try file.read(at: 0, byteCount: BlockFrame.byteCount)
        guard let frame = BlockFrame(bytes[...], at: 0, seed: 0) else { return nil }
        let index = try file.read(
            at: BlockFrame.byteCount, byteCount: frame.index.storedByteCount)
        guard frame.index.isIntact(index) else { return nil }
        self.init(index: index)
    }

    private func append(to encoder: inout ArchiveEncoder) {
        encoder.append(Self.magic)
        encoder.append(Self.formatVersion)
        encoder.append(window.pipeline)
        encoder.append(window.stream)
        encoder.append(window.key)
        encoder.append(number)
    }
}
