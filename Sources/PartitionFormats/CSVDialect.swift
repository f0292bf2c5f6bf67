import ExportModel

/// When and how a CSV value is quoted (RFC 4180, section 2).
///
/// A value is quoted where it holds the delimiter, a quote or a line break, where it equals the
/// text that stands for null, and where it is empty. A quote inside is doubled.
struct CSVDialect {
    private static let quote = UInt8(ascii: "\"")

    let delimiter: UInt8
    let newline: [UInt8]
    let null: [UInt8]
    /// What stands for null in a table of one column. Readers take an empty line for no row at
    /// all, so there a null is `""`: that the row survives counts more than null or empty.
    let nullOfOnlyColumn: [UInt8]
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

    /// Most bytes that a value of `byteCount` bytes takes.
    static func maximumByteCount(of byteCount: Int) -> Int { byteCount * 2 + 2 }

    /// Whether some byte makes the value it stands in need quotes. Meant for many values together:
    /// looks at eight bytes at a time and has no early exit, so that the compiler takes more.
    func hasSpecial(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        let bytes = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes))
        let ones: UInt64 = 0x0101_0101_0101_0101
        let (delimiters, quotes) = (ones * UInt64(delimiter), ones * UInt64(Self.quote))
        let (feeds, returns) = (
            ones * UInt64(UInt8(ascii: "\n")), ones * UInt64(UInt8(ascii: "\r"))
        )
        /// The highest bit of a byte is set where the byte, or a lower one, is zero.
        func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }
        var found: UInt64 = 0
        let wordCount = bytes.count / 8
        for index in 0..<wordCount {
            let word = bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self)
            found |= zeros(word ^ delimiters) | zeros(word ^ quotes)
            found |= zeros(word ^ feeds) | zeros(word ^ returns)
        }
        return found & (ones << 7) != 0 || bytes[(wordCount * 8)...].contains(where: isSpecial)
    }

    /// Puts a value with quotes where it needs them.
    ///
    /// - Parameter mayHaveSpecial: false where it is known that no byte of it is special.
    /// - Returns: the bytes it takes.
    @inline(__always)
    func write(
        _ value: UnsafeBufferPointer<UInt8>, mayHaveSpecial: Bool = true,
        to place: UnsafeMutablePointer<UInt8>
    ) -> Int {
        let needsQuotes =
            value.isEmpty || (value.count == null.count && value.elementsEqual(null))
            || (mayHaveSpecial && value.contains(where: isSpecial))
        return needsQuotes ? writeQuoted(value, to: place) : place.write(value)
    }

    /// Appends a value with quotes where it needs them.
    func append(_ value: [UInt8], to output: inout [UInt8]) {
        let room = Self.maximumByteCount(of: value.count)
        output += [UInt8](unsafeUninitializedCapacity: room) { cell, count in
            guard let place = cell.baseAddress else { return }
            count = value.withUnsafeBufferPointer { write($0, to: place) }
        }
    }

    private func writeQuoted(
        _ value: UnsafeBufferPointer<UInt8>, to place: UnsafeMutablePointer<UInt8>
    ) -> Int {
        place[0] = Self.quote
        var count = 1
        for byte in value {
            if byte == Self.quote {
                place[count] = byte
                count += 1
            }
            place[count] = byte
            count += 1
        }
        place[count] = Self.quote
        return count + 1
    }

    @inline(__always)
    private func isSpecial(_ byte: UInt8) -> Bool {
        byte == delimiter || byte == Self.quote || byte == UInt8(ascii: "\n")
            || byte == UInt8(ascii: "\r")
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
