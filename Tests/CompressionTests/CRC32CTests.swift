import CDigest
import Compression
import Testing

@Suite struct CRC32CTests {
    /// RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms.
    @Test(
        arguments: [
            (Array("123456789".utf8), 0xE306_9283), ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), (Array(0..<32), 0x46DD_794E),
            ([], 0),
        ] as [([UInt8], UInt32)])
    func checksumIsTheOneOfTheStandard(bytes: [UInt8], checksum: UInt32) {
        var whole = CRC32C()
        whole.update(bytes)
        #expect(whole.value == checksum)
        var parts = CRC32C()
        parts.update(Array(bytes.prefix(5)))
        parts.update(Array(bytes.dropFirst(5)))
        #expect(parts.value == checksum)
    }

    /// Lengths and offsets around the eight bytes of a step.
    @Test func instructionsAndTableAgree() {
        let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7919 >> 3) }
        for offset in 0..<9 {
            for end in offset..<(offset + 40) {
                let piece = Array(bytes[offset..<end])
                #expect(
                    cdigest_crc32c(7, piece, piece.count)
                        == cdigest_crc32c_portable(7, piece, piece.count))
            }
        }
    }
}
