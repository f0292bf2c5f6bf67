/// Writes JSON member by member in the provider's order; numbers as the text they were given.
struct JSONWriter {
    /// A member that is written wrongly, whatever value it is given.
    struct Spoil {
        var name: String
        /// What stands in the place of the value.
        var json: String
    }

    /// How a provider's backend writes text.
    enum TextStyle {
        /// Everything but quotes, backslashes and control characters stands as it is.
        case plain
        /// ASCII only, as with PHP's defaults: `\u00e9`, `\ud83d\ude00`, `\/`.
        case ascii
    }

    /// What has been written.
    private(set) var bytes: [UInt8] = []
    /// How text is escaped from now on.
    var style = TextStyle.plain
    /// nil: nothing is written wrongly.
    var spoil: Spoil?
    private var needsComma = false

    /// Braces around the members that `content` writes.
    mutating func object(_ content: (inout Self) -> Void) {
        open("{")
        content(&self)
        close("}")
    }

    /// Brackets around the elements that `content` writes.
    mutating func array(_ content: (inout Self) -> Void) {
        open("[")
        content(&self)
        close("]")
    }

    /// Makes the next object or array the value of a member.
    mutating func name(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// A member of text.
    mutating func text(_ name: String, _ value: String) {
        guard writeName(name) else { return }
        quote(value)
        needsComma = true
    }

    /// A member with an integer.
    mutating func int(_ name: String, _ value: some BinaryInteger) {
        guard writeName(name) else { return }
        bytes.append(contentsOf: String(value).utf8)
        needsComma = true
    }

    /// A number (or any JSON) exactly as it is spelt.
    mutating func raw(_ name: String, _ json: String) {
        guard writeName(name) else { return }
        bytes.append(contentsOf: json.utf8)
        needsComma = true
    }

    /// An element of text, or the value after ``name(_:)``.
    mutating func element(text: String) {
        separate()
        quote(text)
        needsComma = true
    }

    /// An element that is JSON already, or the value after ``name(_:)``.
    mutating func element(json: [UInt8]) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    private mutating func open(_ bracket: Unicode.Scalar) {
        separate()
        bytes.append(UInt8(ascii: bracket))
        needsComma = false
    }

    private mutating func close(_ bracket: Unicode.Scalar) {
        bytes.append(UInt8(ascii: bracket))
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    /// False if the member has been written wrongly already.
    private mutating func writeName(_ name: String) -> Bool {
        self.name(name)
        guard let spoil, spoil.name == name else { return true }
        bytes.append(contentsOf: spoil.json.utf8)
        needsComma = true
        return false
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        switch style {
        case .plain:
            if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
                bytes.append(contentsOf: text.utf8)
            } else {
                for byte in text.utf8 { append(byte) }
            }
        case .ascii:
            for unit in text.utf16 {
                if unit == 0x2F {
                    bytes.append(contentsOf: [0x5C, 0x2F])
                } else if unit < 0x80 {
                    append(UInt8(unit))
                } else {
                    appendEscape(unit)
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private mutating func append(_ byte: UInt8) {
        switch byte {
        case 0x22, 0x5C: bytes.append(contentsOf: [0x5C, byte])
        case 0x0A: bytes.append(contentsOf: [0x5C, UInt8(ascii: "n")])
        case 0x0D: bytes.append(contentsOf: [0x5C, UInt8(ascii: "r")])
        case 0x09: bytes.append(contentsOf: [0x5C, UInt8(ascii: "t")])
        case 0..<0x20: appendEscape(UInt16(byte))
        default: bytes.append(byte)
        }
    }

    private mutating func appendEscape(_ unit: UInt16) {
        bytes.append(contentsOf: [0x5C, UInt8(ascii: "u")])
        for shift in [12, 8, 4, 0] as [UInt16] {
            let digit = UInt8(unit >> shift & 15)
            bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }
}
