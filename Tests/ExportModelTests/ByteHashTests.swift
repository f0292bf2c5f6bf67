import ExportModel
import Testing

@Suite struct ByteHashTests {
    /// Files keep these hashes, so they may not change. Computed with the reference algorithm
    /// (MurmurHash64A, seed 0x9e3779b97f4a7c15) in Python.
    @Test(
        arguments: [
            ("", 0x84d69dcef1e6733a), ("a", 0xb2b29803fc3845c1), ("12345678", 0x70678d5e786fcefd),
            ("call-00000001-leg-b", 0x5ccc098562fe89e1),
        ] as [(String, UInt64)])
    func hashesAreThoseOfTheReference(text: String, hash: UInt64) {
        let bytes = Array(text.utf8)
        #expect(bytes.withUnsafeBytes(ByteHash.hash) == hash)
    }
}
