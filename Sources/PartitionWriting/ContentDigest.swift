import Crypto
public import ExportModel

/// SHA-256 of bytes that come in pieces.
struct ContentDigest {
    private var hasher = SHA256()
    private(set) var byteCount = 0

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        hasher.update(bufferPointer: bytes)
        byteCount += bytes.count
    }

    /// 64 lower-case hexadecimal digits.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in hasher.finalize() {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func hexadecimal(of bytes: [UInt8]) -> String {
        var digest = Self()
        bytes.withUnsafeBytes { digest.append($0) }
        return digest.hexadecimal
    }
}

extension TableSchema {
    /// SHA-256 over `name:type` and a line break for each column, in hexadecimal.
    public var sha256: String {
        let text = columns.map { "\($0.name):\($0.type.name)\n" }.joined()
        return ContentDigest.hexadecimal(of: Array(text.utf8))
    }
}
