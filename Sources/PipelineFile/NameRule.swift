/// What names may look like where they become parts of paths and keys of the ledger.
enum NameRule {
    /// A pipeline's: `[a-z0-9-]+`, at most 100 characters.
    static func isPipelineName(_ text: String) -> Bool {
        isShort(text)
            && text.utf8.allSatisfy { isLowercaseOrDigit($0) || $0 == UInt8(ascii: "-") }
    }

    /// A stream's, an account's or a batch's: `[A-Za-z0-9._-]+`, at most 100 characters, not
    /// starting with `.` or `_` (cdrx keeps such names for itself).
    static func isPathComponent(_ text: String) -> Bool {
        guard isShort(text), text.utf8.first != UInt8(ascii: "."),
            text.utf8.first != UInt8(ascii: "_")
        else { return false }
        return text.utf8.allSatisfy {
            isWordByte($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
        }
    }

    /// Letters, digits and `_`.
    static func isWordByte(_ byte: UInt8) -> Bool {
        isLowercaseOrDigit(byte) || byte == UInt8(ascii: "_")
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    private static func isLowercaseOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isShort(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count)
    }
}
