/// Tells whether bytes are one JSON value (RFC 8259) in valid UTF-8, so that they may be nested in
/// another without breaking it.
struct JSONSyntax {
    /// Deeper values are called invalid, so that no input can exhaust the stack.
    static let mostDepth = 128

    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0

    static func isValid(_ bytes: [UInt8]) -> Bool {
        guard String(validating: bytes, as: UTF8.self) != nil else { return false }
        return bytes.withUnsafeBufferPointer { buffer in
            var syntax = Self(bytes: buffer)
            guard syntax.skipValue(depth: 0) else { return false }
            syntax.skipSpace()
            return syntax.index == buffer.count
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipValue(depth: Int) -> Bool {
        guard depth < Self.mostDepth else { return false }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return skipList("}", depth) { $0.skipMember(depth: depth) }
        case UInt8(ascii: "["): return skipList("]", depth) { $0.skipValue(depth: depth + 1) }
        case UInt8(ascii: "\""): return skipString()
        case UInt8(ascii: "t"): return skip("true")
        case UInt8(ascii: "f"): return skip("false")
        case UInt8(ascii: "n"): return skip("null")
        default: return skipNumber()
        }
    }

    /// Elements with commas between them, from the opening to the closing bracket.
    private mutating func skipList(
        _ close: Unicode.Scalar, _ depth: Int, _ skipElement: (inout Self) -> Bool
    ) -> Bool {
        index += 1
        skipSpace()
        if take(UInt8(ascii: close)) { return true }
        while true {
            guard skipElement(&self) else { return false }
            skipSpace()
            if take(UInt8(ascii: close)) { return true }
            guard take(UInt8(ascii: ",")) else { return false }
        }
    }

    private mutating func skipMember(depth: Int) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: "\""), skipString() else { return false }
        skipSpace()
        return take(UInt8(ascii: ":")) && skipValue(depth: depth + 1)
    }

    private mutating func skipString() -> Bool {
        index += 1
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case UInt8(ascii: "\\"): guard skipEscape() else { return false }
            case ..<0x20: return false
            default: break
            }
        }
        return false
    }

    private mutating func skipEscape() -> Bool {
        guard let byte = next else { return false }
        index += 1
        if byte != UInt8(ascii: "u") { return Self.escapes.contains(byte) }
        for _ in 0..<4 {
            guard let digit = next, Self.isHexadecimal(digit) else { return false }
            index += 1
        }
        return true
    }

    private mutating func skipNumber() -> Bool {
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) {
            guard skipDigits() else { return false }
        }
        if take(UInt8(ascii: ".")) {
            guard skipDigits() else { return false }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard skipDigits() else { return false }
        }
        return true
    }

    /// At least one digit.
    private mutating func skipDigits() -> Bool {
        let start = index
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
        return index > start
    }

    private mutating func skip(_ word: StaticString) -> Bool {
        for offset in 0..<word.utf8CodeUnitCount {
            guard take(word.utf8Start[offset]) else { return false }
        }
        return true
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            index += 1
        }
    }

    private static let escapes = Set(#""\/bfnrt"#.utf8)

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
