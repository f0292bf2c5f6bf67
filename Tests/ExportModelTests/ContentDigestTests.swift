import ExportModel
import Testing

@Suite struct ContentDigestTests {
    /// FIPS 180-4, examples of SHA-256, and the empty text.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func publishedValues(text: String, value: String) {
        #expect(ContentDigest.hexadecimal(of: Array(text.utf8)) == value)
    }

    @Test func piecesGiveWhatTheWholeGives() {
        let bytes = (0..<1_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        for size in [1, 55, 56, 63, 64, 65, 999] {
            let digest = ContentDigest()
            for start in stride(from: 0, to: bytes.count, by: size) {
                digest.append(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect(digest.hexadecimal == ContentDigest.hexadecimal(of: bytes))
            #expect(digest.byteCount == bytes.count)
        }
    }

    @Test func theValueSoFarDoesNotEndTheDigest() {
        let digest = ContentDigest()
        digest.append(Array("a".utf8))
        #expect(digest.hexadecimal == ContentDigest.hexadecimal(of: Array("a".utf8)))
        digest.append(Array("bc".utf8))
        #expect(digest.hexadecimal == ContentDigest.hexadecimal(of: Array("abc".utf8)))
    }

    /// Loaders compare it, so that its text is a contract.
    @Test func aSchemaIsItsNamesAndTypesInOrder() {
        let columns = [
            Column(name: "call_id", type: .text, isNullable: false),
            Column(name: "rate", type: .decimal(precision: 18, scale: 6)),
        ]
        let text = "call_id:text\nrate:decimal(18,6)\n"
        #expect(
            TableSchema(columns: columns).sha256
                == ContentDigest.hexadecimal(of: Array(text.utf8)))
        #expect(
            TableSchema(columns: columns.reversed()).sha256 != TableSchema(columns: columns).sha256)
    }
}
