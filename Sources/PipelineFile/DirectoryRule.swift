/// What may be named where a local directory is asked for.
public enum DirectoryRule {
    /// What is wrong with a text, as in `must not be empty`; nil for nothing.
    public static func flaw(of text: String) -> String? {
        if text.isEmpty { return "must not be empty; name a directory" }
        guard let mark = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<mark.lowerBound]
        guard let first = scheme.utf8.first, isLetter(first),
            scheme.utf8.allSatisfy({ isLetter($0) || isDigit($0) || "+-.".utf8.contains($0) })
        else { return nil }
        return
            "is a URL, and only local directories can be written; export to a directory and copy "
            + "it from there"
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
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
