import CDigest

/// SHA-256 of bytes that come in pieces. For one thread.
public final class ContentDigest {
    private let hash: OpaquePointer
    public private(set) var byteCount = 0

    public init() {
        guard let hash = cdigest_sha256_create() else {
            preconditionFailure("there is no memory for a hash")
        }
        self.hash = hash
    }

    deinit {
        cdigest_sha256_free(hash)
    }

    /// Takes the next bytes.
    public func append(_ bytes: UnsafeRawBufferPointer) {
        cdigest_sha256_append(hash, bytes.baseAddress, bytes.count)
        byteCount += bytes.count
    }

    /// Takes the next bytes.
    public func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    /// 64 lower-case hexadecimal digits; bytes may still follow.
    public var hexadecimal: String {
        var value = [UInt8](repeating: 0, count: Int(CDIGEST_SHA256_SIZE))
        let isDone = cdigest_sha256_value(hash, &value) == 1
        precondition(isDone, "libcrypto has no SHA-256")
        let digits = Array("0123456789abcdef".utf8)
        let text = value.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// 64 lower-case hexadecimal digits.
    public static func hexadecimal(of bytes: [UInt8]) -> String {
        let digest = ContentDigest()
        digest.append(bytes)
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
