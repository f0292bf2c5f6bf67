/// RFC 8259 written down as plainly as possible, with the one leniency of cdrx: a comma before a
/// closing bracket. Judges the decoder in the fuzz test.
struct ReferenceJSON {
    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0
    private(set) var hasTrailingComma = false

    /// Whether `bytes` are one JSON value of at most 64 levels.
    static func accepts(_ bytes: [UInt8]) -> (isValid: Bool, hasTrailingComma: Bool) {
        var text = bytes
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text.replaceSubrange(0..<3, with: [0x20]) }
        // Bytes that are not UTF-8 are let pass inside strings, with a backslash after them if need
        // be (`InvalidTextTests`).
        let repaired = String(decoding: text, as: UTF8.self)
        let isRepaired = Array(repaired.utf8) != text
        let first = judged(Array(repaired.utf8))
        if first.isValid || !isRepaired { return first }
        return judged(Array(repaired.replacing("\u{FFFD}\\", with: "\u{FFFD}?").utf8))
    }

    private static func judged(_ text: [UInt8]) -> (isValid: Bool, hasTrailingComma: Bool) {
        var reference = ReferenceJSON(bytes: text)
        reference.skipSpace()
        guard reference.value() else { return (false, false) }
        reference.skipSpace()
        return (reference.index == text.count, reference.hasTrailingComma)
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ text: String) -> Bool {
        guard bytes[index...].starts(with: text.utf8) else { return false }
        index += text.utf8.count
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, " \t\r\n".utf8.contains(byte) { index += 1 }
    }

    private mutating func value() -> Bool {
        if take("{") { return list("}") { $0.string() && $0.colon() && $0.value() } }
        if take("[") { return list("]") { $0.value() } }
        if next == UInt8(ascii: "\"") { return string() }
        return take("true") || take("false") || take("null") || number()
    }

    private mutating func colon() -> Bool {
        skipSpace()
        guard take(":") else { return false }
        skipSpace()
        return true
    }

    private mutating func list(_ closing: String, item: (inout Self) -> Bool) -> Bool {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 64 else { return false }
        skipSpace()
        if take(closing) { return true }
        while true {
            guard item(&self) else { return false }
            skipSpace()
            if take(closing) { return true }
            guard take(",") else { return false }
            skipSpace()
            if take(closing) {
                hasTrailingComma = true
                return true
            }
        }
    }

    private mutating func string() -> Bool {
        guard take("\"") else { return false }
        while let byte = next {
            index += 1
            if byte == UInt8(ascii: "\"") { return true }
            if byte < 0x20 { return false }
            guard byte == UInt8(ascii: "\\") else { continue }
            guard let escape = next else { return false }
            index += 1
            if escape == UInt8(ascii: "u") {
                let digits = bytes[index...].prefix(4)
                let hexadecimal = "0123456789abcdefABCDEF".utf8
                guard digits.count == 4, digits.allSatisfy({ hexadecimal.contains($0) }) else {
                    return false
                }
                index += 4
            } else if !"\"\\/bfnrt".utf8.contains(escape) {
                return false
            }
        }
        return false
    }

    private mutating func number() -> Bool {
        _ = take("-")
        if !take("0"), !digits() { return false }
        if take("."), !digits() { return false }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            return digits()
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = index
        while let byte = next, "0123456789".utf8.contains(byte) { index += 1 }
        return index > start
    }
}
