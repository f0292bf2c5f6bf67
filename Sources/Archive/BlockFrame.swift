import Compression

/// What stands before a block's index and payload: where both end and what they must be.
///
/// Its checksum also covers the frame's place and the segment it belongs to (``SegmentHeader/seed``),
/// so that bytes of another segment, or of another place, never pass.
struct BlockFrame: Hashable {
    static let byteCount = 48
    /// Begins every frame, so that the next one is found after damage.
    static let magic: UInt32 = 0x4278_6463

    /// Bytes of a part of a block as they are stored.
    struct Part: Hashable {
        var storedByteCount: Int
        /// As it was before it was compressed; equal where it is not compressed.
        var byteCount: Int
        /// CRC-32C of the stored bytes.
        var checksum: UInt32

        var isCompressed: Bool { storedByteCount != byteCount }
    }

    /// Names what the payload holds.
    var index: Part
    /// The slices, one after the other.
    var payload: Part
    /// The segment was durable up to here when the block was written.
    var durableEnd: Int

    /// Of frame, index and payload.
    var blockByteCount: Int { Self.byteCount + index.storedByteCount + payload.storedByteCount }

    init(index: Part, payload: Part, durableEnd: Int) {
        self.index = index
        self.payload = payload
        self.durableEnd = durableEnd
    }

    /// - Returns: nil if the checksum does not fit, or the numbers cannot be.
    init?(_ bytes: ArraySlice<UInt8>, at offset: Int, seed: UInt32) {
        guard bytes.count == Self.byteCount else { return nil }
        let numbers = bytes.withUnsafeBytes { bytes in
            (
                magic: bytes.number(at: 0), indexStored: bytes.number(at: 4),
                index: bytes.number(at: 8), indexChecksum: bytes.number(at: 12),
                payloadStored: bytes.longNumber(at: 16), payload: bytes.longNumber(at: 24),
                durableEnd: bytes.longNumber(at: 32), payloadChecksum: bytes.number(at: 40),
                checksum: bytes.number(at: 44)
            )
        }
        guard numbers.magic == Self.magic,
            numbers.checksum == Self.checksum(bytes.dropLast(4), at: offset, seed: seed),
            let payloadStored = Int(exactly: numbers.payloadStored), payloadStored < 1 << 48,
            let payload = Int(exactly: numbers.payload), let end = Int(exactly: numbers.durableEnd)
        else { return nil }
        index = Part(
            storedByteCount: Int(numbers.indexStored), byteCount: Int(numbers.index),
            checksum: numbers.indexChecksum)
        self.payload = Part(
            storedByteCount: payloadStored, byteCount: payload, checksum: numbers.payloadChecksum)
        durableEnd = end
    }

    func bytes(at offset: Int, seed: UInt32) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        bytes.append(number: Self.magic)
        bytes.append(number: UInt32(index.storedByteCount))
        bytes.append(number: UInt32(index.byteCount))
        bytes.append(number: index.checksum)
        bytes.append(number: UInt64(payload.storedByteCount))
        bytes.append(number: UInt64(payload.byteCount))
        bytes.append(number: UInt64(durableEnd))
        bytes.append(number: payload.checksum)
        bytes.append(number: Self.checksum(bytes[...], at: offset, seed: seed))
        return bytes
    }

    /// Where frames may stand that lie whole in `bytes`.
    static func places(in bytes: [UInt8]) -> [Int] {
        guard bytes.count >= byteCount else { return [] }
        return bytes.withUnsafeBytes { bytes in
            (0...bytes.count - byteCount).filter { bytes.number(at: $0) == magic }
        }
    }

    private static func checksum(
        _ fields: ArraySlice<UInt8>, at offset: Int, seed: UInt32
    ) -> UInt32 {
        var place: [UInt8] = []
        place.append(number: UInt64(offset))
        place.append(number: seed)
        var checksum = CRC32C()
        checksum.update(place)
        fields.withUnsafeBytes { checksum.update($0) }
        return checksum.value
    }
}

extension [UInt8] {
    /// Appends a number, little-endian.
    fileprivate mutating func append(number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func number(at offset: Int) -> UInt32 {
        UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    fileprivate func longNumber(at offset: Int) -> UInt64 {
        UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
