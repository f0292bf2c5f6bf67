import ExportModel

/// Steps through the values of one array or object whose text a decoder has already validated;
/// an object yields its keys and values in turn.
struct JSONCursor {
    private let text: UnsafeBufferPointer<UInt8>
    private var index = 1

    /// - Parameter text: raw text from the opening to the closing bracket.
    init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
    }

    /// The next value, its place counted from the start of the text; nil at the closing bracket.
    mutating func next() -> RawCell? {
        while index < text.count, Self.separates(text[index]) { index += 1 }
        guard index < text.count - 1 else { return nil }
        let start = index
        let (kind, isEscaped) = skipValue()
        return RawCell(
            kind: kind, isEscaped: isEscaped, offset: UInt32(start),
            byteCount: UInt32(index - start))
    }

    /// The raw text of a value that this cursor returned.
    func raw(_ cell: RawCell) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: text[cell.range])
    }

    private mutating func skipValue() -> (RawCell.Kind, isEscaped: Bool) {
        switch text[index] {
        case UInt8(ascii: "\""): return (.string, skipString())
        case UInt8(ascii: "{"): skipBrackets(); return (.object, false)
        case UInt8(ascii: "["): skipBrackets(); return (.array, false)
        case UInt8(ascii: "t"): skipScalar(); return (.true, false)
        case UInt8(ascii: "f"): skipScalar(); return (.false, false)
        case UInt8(ascii: "n"): skipScalar(); return (.null, false)
        default: skipScalar(); return (.number, false)
        }
    }

    /// Whether the string holds escapes.
    private mutating func skipString() -> Bool {
        var isEscaped = false
        index += 1
        while index < text.count, text[index] != UInt8(ascii: "\"") {
            if text[index] == UInt8(ascii: "\\") {
                isEscaped = true
                index += 1
            }
            index += 1
        }
        index += 1
        return isEscaped
    }

    private mutating func skipBrackets() {
        var depth = 0
        repeat {
            switch text[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                _ = skipString()
                continue
            default: break
            }
            index += 1
        } while depth > 0 && index < text.count
    }

    private mutating func skipScalar() {
        while index < text.count, !Self.separates(text[index]), text[index] != UInt8(ascii: "}"),
            text[index] != UInt8(ascii: "]")
        {
            index += 1
        }
    }

    private static func separates(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ","), UInt8(ascii: ":"): true
        default: false
        }
    }
}
