import ExportModel

/// When and how a CSV value is quoted (RFC 4180, section 2).
///
/// A value is quoted where it holds the delimiter, a quote or a line break, where it equals the
/// text that stands for null, and where it is empty. A quote inside is doubled.
struct CSVDialect {
    private static let quote = UInt8(ascii: "\"")

    let delimiter: UInt8
    let newline: [UInt8]
    private let null: [UInt8]
    /// What stands for null in a table of one column. Readers take an empty line for no row at
    /// all, so there a null is `""`: that the row survives counts more than null or empty.
    private let nullOfOnlyColumn: [UInt8]
    /// Whether a number, time or boolean may need quotes too: where the delimiter is a character
    /// of theirs, or null could be mistaken for one.
    let quotesPlainValues: Bool

    init(_ options: CSVOptions) {
        delimiter = options.delimiter
        newline = Array((options.newline == .lf ? "\n" : "\r\n").utf8)
        null = Array(options.null.utf8)
        nullOfOnlyColumn = null.isEmpty ? [Self.quote, Self.quote] : null
        quotesPlainValues =
            Self.isPlain(options.delimiter) || (!null.isEmpty && null.allSatisfy(Self.isPlain))
    }

    func appendNull(isOnlyColumn: Bool, to output: inout [UInt8]) {
        output.append(contentsOf: isOnlyColumn ? nullOfOnlyColumn : null)
    }

    /// Appends a value with quotes where it needs them.
    @inline(__always)
    func appendText(_ value: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        if needsQuotes(value) {
            appendQuoted(value, to: &output)
        } else {
            output.append(contentsOf: value)
        }
    }

    /// Puts quotes around what was appended from `start` on, where it needs them.
    func quoteTail(of output: inout [UInt8], from start: Int) {
        let value = Array(output[start...])
        value.withUnsafeBufferPointer { value in
            guard needsQuotes(value) else { return }
            output.removeLast(value.count)
            appendQuoted(value, to: &output)
        }
    }

    @inline(__always)
    private func needsQuotes(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        var found = value.isEmpty
        // No early exit: the compiler then looks at many bytes at once.
        for byte in value {
            found =
                found
                || (byte == delimiter) || (byte == Self.quote)
                || (byte == UInt8(ascii: "\n")) || (byte == UInt8(ascii: "\r"))
        }
        return found || (value.count == null.count && value.elementsEqual(null))
    }

    private func appendQuoted(_ value: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        output.append(Self.quote)
        var copied = 0
        for index in value.indices where value[index] == Self.quote {
            // Up to and with the quote; the next piece begins with it again.
            output.append(contentsOf: UnsafeBufferPointer(rebasing: value[copied...index]))
            copied = index
        }
        output.append(contentsOf: UnsafeBufferPointer(rebasing: value[copied...]))
        output.append(Self.quote)
    }

    /// Whether numbers, times and booleans are written with this byte.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }
}
