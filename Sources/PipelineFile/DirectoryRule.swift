import ExportModel

/// What may be named where a local directory is asked for.
public enum DirectoryRule {
    /// What is wrong with a text, as in `must not be empty`; nil for nothing.
    public static func flaw(of text: String) -> String? {
        if text.isEmpty { return "must not be empty; name a directory" }
        return scheme(of: text) == nil ? nil : "is a URL; name a directory of this machine"
    }

    /// The scheme of a URL; nil for any other text.
    static func scheme(of text: String) -> Substring? {
        guard let mark = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<mark.lowerBound]
        guard let first = scheme.utf8.first, isLetter(first),
            scheme.utf8.allSatisfy({ isLetter($0) || isDigit($0) || "+-.".utf8.contains($0) })
        else { return nil }
        return scheme
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// What may be named where an output is asked for: a directory, or `s3://bucket/prefix`.
public enum OutputRule {
    /// What is wrong with a text, as in `must not be empty`; nil for nothing.
    public static func flaw(of text: String) -> String? {
        if text.isEmpty { return "must not be empty; name a directory, or s3://bucket/prefix" }
        if text.hasPrefix(ObjectStoreLocation.scheme) { return ObjectStoreURI(text).outputFlaw }
        guard let scheme = DirectoryRule.scheme(of: text) else { return nil }
        let place =
            switch scheme.lowercased() {
            case "file": "name a directory by its path alone"
            case "gs":
                "write s3://bucket/prefix, with https://storage.googleapis.com as the endpoint"
            default: "write s3://bucket/prefix, with the store's S3 interface as the endpoint"
            }
        return "is no directory, and `s3://` is the only scheme; \(place)"
    }
}

extension YAMLValue {
    /// A local directory as it is written; nil for a mistake.
    func directory() -> String? {
        guard let path = text("a path") else { return nil }
        guard let flaw = DirectoryRule.flaw(of: path) else { return path }
        fail("\(name): `\(path)` \(flaw)")
        return nil
    }
}
