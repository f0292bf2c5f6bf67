/// JSON as bytes: quoting, unescaping and copying text that a parser has already validated.
public enum JSONText {
    /// Appends `bytes` (UTF-8) as a JSON string with its quotes, escaping only what RFC 8259,
    /// section 7 demands.
    public static func appendQuoted(
        _ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]
    ) {
        output.append(quote)
        var copied = 0
        for index in bytes.indices where bytes[index] < 0x20 || isSpecial(bytes[index]) {
            output.append(contentsOf: bytes[copied..<index])
            appendEscape(of: bytes[index], to: &output)
            copied = index + 1
        }
        output.append(contentsOf: bytes[copied...])
        output.append(quote)
    }

    /// Appends `text` as a JSON string with its quotes.
    public static func appendQuoted(_ text: String, to output: inout [UInt8]) {
        var text = text
        text.withUTF8 { appendQuoted($0, to: &output) }
    }

    /// Appends the text that a raw string token (quotes included) stands for.
    ///
    /// - Returns: false if an escape is malformed or names half of a surrogate pair; what was
    ///   appended is then meaningless.
    public static func appendUnescaped(
        _ token: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]
    ) -> Bool {
        var index = 1
        let end = token.count - 1
        while index < end {
            guard token[index] == backslash else {
                output.append(token[index])
                index += 1
                continue
            }
            guard index + 1 < end else { return false }
            if token[index + 1] == UInt8(ascii: "u") {
                guard let (scalar, length) = unicodeEscape(in: token, at: index, end: end) else {
                    return false
                }
                output.append(contentsOf: String(Character(scalar)).utf8)
                index += length
            } else {
                guard let byte = shortEscapes[token[index + 1]] else { return false }
                output.append(byte)
                index += 2
            }
        }
        return true
    }

    /// Appends valid JSON without the white space between its tokens; strings and numbers stay as
    /// they were written. A comma before a closing bracket, which decoding accepts, is left out.
    public static func appendMinified(
        _ json: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]
    ) {
        var index = 0
        while index < json.count {
            let byte = json[index]
            if byte == quote {
                let end = endOfString(json, from: index)
                output.append(contentsOf: json[index..<end])
                index = end
                continue
            }
            index += 1
            switch byte {
            case 0x20, 0x0A, 0x0D, 0x09: continue
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if output.last == UInt8(ascii: ",") { output.removeLast() }
            default: break
            }
            output.append(byte)
        }
    }

    /// Behind the closing quote of the string that opens at `start`.
    private static func endOfString(
        _ json: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> Int {
        var index = start + 1
        while index < json.count, json[index] != quote {
            index += json[index] == backslash ? 2 : 1
        }
        return min(index + 1, json.count)
    }

    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")

    private static let shortEscapes: [UInt8: UInt8] = [
        UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F,
        UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A,
        UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == quote || byte == backslash
    }

    private static func appendEscape(of byte: UInt8, to output: inout [UInt8]) {
        output.append(backslash)
        switch byte {
        case quote, backslash: output.append(byte)
        case 0x08: output.append(UInt8(ascii: "b"))
        case 0x09: output.append(UInt8(ascii: "t"))
        case 0x0A: output.append(UInt8(ascii: "n"))
        case 0x0C: output.append(UInt8(ascii: "f"))
        case 0x0D: output.append(UInt8(ascii: "r"))
        default:
            let digits = Array("0123456789abcdef".utf8)
            output.append(contentsOf: "u00".utf8)
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 15)])
        }
    }

    /// The scalar of `\uXXXX` (or of a surrogate pair) at `index`, and the bytes it takes.
    private static func unicodeEscape(
        in token: UnsafeBufferPointer<UInt8>, at index: Int, end: Int
    ) -> (Unicode.Scalar, Int)? {
        guard let high = hexadecimal(in: token, at: index + 2, end: end) else { return nil }
        if let scalar = Unicode.Scalar(high) { return (scalar, 6) }
        guard (0xD800..<0xDC00).contains(high), index + 7 < end, token[index + 6] == backslash,
            token[index + 7] == UInt8(ascii: "u"),
            let low = hexadecimal(in: token, at: index + 8, end: end),
            (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { return nil }
        return (scalar, 12)
    }

    private static func hexadecimal(
        in token: UnsafeBufferPointer<UInt8>, at index: Int, end: Int
    ) -> UInt32? {
        guard index + 4 <= end else { return nil }
        var value: UInt32 = 0
        for byte in token[index..<index + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
