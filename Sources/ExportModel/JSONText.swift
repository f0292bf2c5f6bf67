/// JSON as bytes: quoting, unescaping and copying text that a parser has already validated.
public enum JSONText {
    /// Appends `bytes` (UTF-8) as a JSON string with its quotes, escaping only what RFC 8259,
    /// section 7 demands.
    public static func appendQuoted(
        _ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]
    ) {
        output.append(quote)
        var copied = 0
        var special = firstSpecial(in: bytes, from: 0)
        while special < bytes.count {
            output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied..<special]))
            appendEscape(of: bytes[special], to: &output)
            copied = special + 1
            special = firstSpecial(in: bytes, from: copied)
        }
        output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[copied...]))
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
        let text = UnsafeBufferPointer(rebasing: token.dropFirst().dropLast())
        var copied = 0
        while true {
            var index = firstSpecial(in: text, from: copied)
            while index < text.count, text[index] != backslash {
                index = firstSpecial(in: text, from: index + 1)
            }
            output.append(contentsOf: UnsafeBufferPointer(rebasing: text[copied..<index]))
            if index == text.count { return true }
            guard let length = appendEscaped(in: text, at: index, to: &output) else {
                return false
            }
            copied = index + length
        }
    }

    /// Appends what the escape at `index` stands for.
    ///
    /// - Returns: the bytes it takes; nil if it is malformed.
    private static func appendEscaped(
        in text: UnsafeBufferPointer<UInt8>, at index: Int, to output: inout [UInt8]
    ) -> Int? {
        guard index + 1 < text.count else { return nil }
        switch text[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            output.append(text[index + 1])
        case UInt8(ascii: "b"): output.append(0x08)
        case UInt8(ascii: "f"): output.append(0x0C)
        case UInt8(ascii: "n"): output.append(0x0A)
        case UInt8(ascii: "r"): output.append(0x0D)
        case UInt8(ascii: "t"): output.append(0x09)
        case UInt8(ascii: "u"):
            guard let (scalar, length) = unicodeEscape(in: text, at: index) else { return nil }
            output.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
            return length
        default: return nil
        }
        return 2
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

    /// After the closing quote of the string that opens at `start`.
    private static func endOfString(
        _ json: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> Int {
        var index = firstSpecial(in: json, from: start + 1)
        while index < json.count, json[index] != quote {
            let next = index + (json[index] == backslash ? 2 : 1)
            index = firstSpecial(in: json, from: min(next, json.count))
        }
        return min(index + 1, json.count)
    }

    /// The first quote, backslash or control character from `start` on; `bytes.count` if there is
    /// none. Looks at eight bytes at a time.
    private static func firstSpecial(
        in bytes: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> Int {
        var index = start
        let raw = UnsafeRawBufferPointer(bytes)
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highBits: UInt64 = 0x8080_8080_8080_8080
        while index + 8 <= bytes.count {
            let word = UInt64(
                littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
            let quotes = word ^ (ones &* UInt64(quote))
            let backslashes = word ^ (ones &* UInt64(backslash))
            // In each term the high bit of a byte is set if the byte is zero, or below 0x20; a
            // borrow may set bits after the first such byte, but never before it.
            let found =
                ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
                | ((word &- ones &* 0x20) & ~word)
            let marks = found & highBits
            if marks != 0 { return index + marks.trailingZeroBitCount / 8 }
            index += 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 || byte == quote || byte == backslash { return index }
            index += 1
        }
        return index
    }

    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")

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
            output.append(contentsOf: "u00".utf8)
            output.append(UInt8(ascii: byte < 0x10 ? "0" : "1"))
            let low = byte & 15
            output.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        }
    }

    /// The scalar of `\uXXXX` (or of a surrogate pair) at `index`, and the bytes it takes.
    static func unicodeEscape(
        in text: UnsafeBufferPointer<UInt8>, at index: Int
    ) -> (Unicode.Scalar, Int)? {
        guard let high = hexadecimal(in: text, at: index + 2) else { return nil }
        if let scalar = Unicode.Scalar(high) { return (scalar, 6) }
        guard (0xD800..<0xDC00).contains(high), index + 7 < text.count,
            text[index + 6] == backslash, text[index + 7] == UInt8(ascii: "u"),
            let low = hexadecimal(in: text, at: index + 8), (0xDC00..<0xE000).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
        else { return nil }
        return (scalar, 12)
    }

    /// The value of four hexadecimal digits.
    static func hexadecimal(
        in text: UnsafeBufferPointer<UInt8>, at index: Int
    ) -> UInt32? {
        guard index + 4 <= text.count else { return nil }
        var value: UInt32 = 0
        for byte in text[index..<index + 4] {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
