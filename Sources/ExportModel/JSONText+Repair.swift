extension JSONText {
    /// Replaces escapes that stand for no text a warehouse takes: half of a surrogate pair (DuckDB
    /// refuses the whole file) and `\u0000` (PostgreSQL has no room for it) become `\ufffd`.
    ///
    /// Everything else stays as it was written, and so does the length.
    ///
    /// - Parameters:
    ///   - json: valid JSON from `start` on.
    ///   - start: where to begin.
    /// - Returns: whether there were any.
    @discardableResult
    public static func replaceRefusedEscapes(
        in json: inout [UInt8], from start: Int = 0
    ) -> Bool {
        var refused: [Int] = []
        json.withUnsafeBufferPointer { text in
            var index = start
            while index < text.count {
                guard text[index] == backslash else {
                    index += 1
                    continue
                }
                guard index + 1 < text.count, text[index + 1] == UInt8(ascii: "u"),
                    let value = hexadecimal(in: text, at: index + 2)
                else {
                    index += 2
                    continue
                }
                let length = unicodeEscape(in: text, at: index)?.1
                if value == 0 || length == nil { refused.append(index) }
                index += length ?? 6
            }
        }
        for index in refused {
            json.replaceSubrange(index + 2..<index + 6, with: "fffd".utf8)
        }
        return !refused.isEmpty
    }

    /// Appends the text that a raw string token stands for, with U+FFFD for the escapes that
    /// ``replaceRefusedEscapes(in:from:)`` replaces.
    ///
    /// - Parameter token: a string of valid JSON, quotes included.
    public static func appendRepaired(
        _ token: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]
    ) {
        var copy = Array(token)
        replaceRefusedEscapes(in: &copy)
        let isText = copy.withUnsafeBufferPointer { appendUnescaped($0, to: &output) }
        precondition(isText, "a string that no decoder has validated")
    }
}
