import ExportModel

/// The parts of `s3://bucket/prefix`.
struct ObjectStoreURI {
    /// Bytes of a prefix: a key has 1,024, and a partition's path and file name follow.
    private static let maximumPrefixByteCount = 512

    let bucket: String
    /// Without a slash at either end.
    let prefix: String
    /// What is wrong, as in `must name a bucket`; nil for nothing.
    let flaw: String?
    /// What keeps it from being an output, whose parts must not look like those of partitions.
    var outputFlaw: String? {
        flaw
            ?? (prefix.split(separator: "/").contains { $0.hasPrefix("_") || $0.contains("=") }
                ? "has a part of its prefix that begins with `_` or has a `=`, which readers of "
                    + "partitions hide or take for a column"
                : nil)
    }

    /// - Precondition: the text begins with `s3://`.
    init(_ text: String) {
        let rest = text.dropFirst(ObjectStoreLocation.scheme.count)
        bucket = String(rest.prefix { $0 != "/" })
        var prefix = rest.dropFirst(bucket.count)
        if prefix.hasPrefix("/") { prefix.removeFirst() }
        if prefix.hasSuffix("/") { prefix.removeLast() }
        self.prefix = String(prefix)
        flaw = Self.flaw(ofBucket: bucket) ?? Self.flaw(ofPrefix: self.prefix)
    }

    private static func flaw(ofBucket bucket: String) -> String? {
        if bucket.isEmpty { return "must name a bucket, as in s3://bucket/prefix" }
        let isWritten = bucket.utf8.allSatisfy {
            NameRule.isWordByte($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
        guard isWritten, (3...255).contains(bucket.utf8.count), bucket.utf8.first != 0x2E else {
            return "must name a bucket of 3 to 255 letters, digits, `-`, `_` and `.`"
        }
        return nil
    }

    private static func flaw(ofPrefix prefix: String) -> String? {
        guard prefix.utf8.count <= maximumPrefixByteCount else {
            return "has a prefix of more than \(maximumPrefixByteCount) bytes"
        }
        guard !prefix.isEmpty else { return nil }
        let components = prefix.split(separator: "/", omittingEmptySubsequences: false)
        if components.contains(where: { ["", ".", ".."].contains($0) }) {
            return "has an empty part, `.` or `..` in its prefix, which some readers drop"
        }
        return nil
    }
}
