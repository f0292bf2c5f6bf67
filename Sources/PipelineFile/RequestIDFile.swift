/// A request list on disk: one id a line.
public enum RequestIDFile {
    /// The ids in the file's order, each once, without surrounding blanks; empty lines, a byte
    /// order mark and CRLF are tolerated. nil if the text is not UTF-8.
    public static func ids(in bytes: [UInt8]) -> [String]? {
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        var seen: Set<String> = []
        var ids: [String] = []
        let breaks: Set<UInt8> = [UInt8(ascii: "\n"), UInt8(ascii: "\r")]
        let blanks: Set<UInt8> = [UInt8(ascii: " "), UInt8(ascii: "\t")]
        for line in content.split(whereSeparator: breaks.contains) {
            guard let first = line.firstIndex(where: { !blanks.contains($0) }),
                let last = line.lastIndex(where: { !blanks.contains($0) })
            else { continue }
            guard let id = String(validating: line[first...last], as: UTF8.self) else { return nil }
            if seen.insert(id).inserted { ids.append(id) }
        }
        return ids
    }
}
