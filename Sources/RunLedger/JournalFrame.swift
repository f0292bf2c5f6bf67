import Compression

/// The 16 bytes before each record: byte count and CRC-32C of the record, and a CRC-32C of both
/// that also covers the frame's place in the file, so that bytes of an older file never pass.
struct JournalFrame: Equatable {
    static let byteCount = 16

    var recordByteCount: Int
    var recordChecksum: UInt32

    init(recordByteCount: Int, recordChecksum: UInt32) {
        self.recordByteCount = recordByteCount
        self.recordChecksum = recordChecksum
    }

    /// nil if the checksum does not fit.
    init?(_ bytes: [UInt8], at offset: Int) {
        var decoder = JournalDecoder(bytes)
        guard let count = decoder.count(), let record = decoder.integer(UInt32.self),
            let own = decoder.integer(UInt32.self)
        else { return nil }
        recordByteCount = count
        recordChecksum = record
        guard own == checksum(at: offset) else { return nil }
    }

    func bytes(at offset: Int) -> [UInt8] {
        var encoder = JournalEncoder()
        encoder.append(Int64(recordByteCount))
        encoder.append(recordChecksum)
        encoder.append(checksum(at: offset))
        return encoder.bytes
    }

    private func checksum(at offset: Int) -> UInt32 {
        var encoder = JournalEncoder()
        encoder.append(Int64(offset))
        encoder.append(Int64(recordByteCount))
        encoder.append(recordChecksum)
        var checksum = CRC32C()
        checksum.update(encoder.bytes)
        return checksum.value
    }
}
