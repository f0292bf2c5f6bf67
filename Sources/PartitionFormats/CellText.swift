import ExportModel

/// Values as text, the same in CSV and NDJSON, without an allocation per value.
enum CellText {
    /// Most bytes of a number, and of a time in either style.
    static let maximumNumberByteCount = 24

    /// Appends an integer in decimal digits.
    static func appendInteger(_ value: Int64, to output: inout [UInt8]) {
        appendDecimal(value, scale: 0, to: &output)
    }

    /// Appends a decimal, see ``writeDecimal(_:scale:to:)``.
    static func appendDecimal(_ unscaled: Int64, scale: Int, to output: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: maximumNumberByteCount) { room in
            guard let place = room.baseAddress else { return }
            let count = writeDecimal(unscaled, scale: scale, to: place)
            output.append(contentsOf: UnsafeBufferPointer(rebasing: room[..<count]))
        }
    }

    /// Puts `unscaled` × 10^-`scale` plainly: no exponent, no trailing zeros, a digit before the
    /// point.
    ///
    /// - Parameter scale: 0…18.
    /// - Returns: the bytes it takes.
    static func writeDecimal(
        _ unscaled: Int64, scale: Int, to place: UnsafeMutablePointer<UInt8>
    ) -> Int {
        if scale == 0, (0..<10).contains(unscaled) {
            place.pointee = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: unscaled)
            return 1
        }
        return withUnsafeTemporaryAllocation(
            of: UInt8.self, capacity: maximumNumberByteCount
        ) { room in
            var start = room.count
            var rest = unscaled.magnitude
            var fractionCount = scale
            // Digits come from the last to the first; zeros that end the fraction are left out.
            while fractionCount > 0, rest % 10 == 0 {
                rest /= 10
                fractionCount -= 1
            }
            var digitCount = 0
            repeat {
                if fractionCount > 0, digitCount == fractionCount {
                    start -= 1
                    room[start] = UInt8(ascii: ".")
                }
                start -= 1
                room[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
                digitCount += 1
            } while rest > 0 || digitCount <= fractionCount
            if unscaled < 0 {
                start -= 1
                room[start] = UInt8(ascii: "-")
            }
            return place.write(UnsafeBufferPointer(rebasing: room[start...]))
        }
    }

    /// Puts a moment as `yyyy-mm-ddThh:mm:ss.sssZ` or as epoch milliseconds.
    ///
    /// - Returns: the bytes it takes.
    @inline(__always)
    static func writeTimestamp(
        _ epochMilliseconds: Int64, style: TimestampStyle, to place: UnsafeMutablePointer<UInt8>
    ) -> Int {
        switch style {
        case .iso8601: TimestampText.writeISO8601(epochMilliseconds, to: place)
        case .epochMilliseconds: writeDecimal(epochMilliseconds, scale: 0, to: place)
        }
    }

    /// - Returns: the bytes it takes.
    @inline(__always)
    static func writeBool(_ value: Bool, to place: UnsafeMutablePointer<UInt8>) -> Int {
        place.write(value ? Self.true : Self.false)
    }

    static func appendBool(_ value: Bool, to output: inout [UInt8]) {
        output.append(contentsOf: value ? Self.true : Self.false)
    }

    /// Appends a list of notes as JSON: `[{"message":…,"created_at":…,"agent":…}]`, parts without
    /// a value as null.
    static func appendNotes(
        _ column: NotesColumn, row: Int, style: TimestampStyle, to output: inout [UInt8]
    ) {
        output.append(UInt8(ascii: "["))
        for note in column.offsets[row]..<column.offsets[row + 1] {
            if note > column.offsets[row] { output.append(UInt8(ascii: ",")) }
            output.append(contentsOf: messageName)
            appendJSONText(column.message, row: note, to: &output)
            output.append(contentsOf: createdAtName)
            if column.createdAt.validity[note] {
                appendJSONTimestamp(column.createdAt.values[note], style: style, to: &output)
            } else {
                output.append(contentsOf: null)
            }
            output.append(contentsOf: agentName)
            appendJSONText(column.agent, row: note, to: &output)
            output.append(UInt8(ascii: "}"))
        }
        output.append(UInt8(ascii: "]"))
    }

    /// Appends a moment as a JSON string or number.
    static func appendJSONTimestamp(
        _ epochMilliseconds: Int64, style: TimestampStyle, to output: inout [UInt8]
    ) {
        switch style {
        case .iso8601:
            output.append(UInt8(ascii: "\""))
            TimestampText.appendISO8601(epochMilliseconds, to: &output)
            output.append(UInt8(ascii: "\""))
        case .epochMilliseconds: appendInteger(epochMilliseconds, to: &output)
        }
    }

    static let null = Array("null".utf8)
    private static let `true` = Array("true".utf8)
    private static let `false` = Array("false".utf8)
    private static let messageName = Array(#"{"message":"#.utf8)
    private static let createdAtName = Array(#","created_at":"#.utf8)
    private static let agentName = Array(#","agent":"#.utf8)

    private static func appendJSONText(_ column: TextColumn, row: Int, to output: inout [UInt8]) {
        guard column.validity[row] else { return output.append(contentsOf: null) }
        column.bytes.withUnsafeBufferPointer { bytes in
            JSONText.appendQuoted(
                UnsafeBufferPointer(rebasing: bytes[column.range(of: row)]), to: &output)
        }
    }
}
