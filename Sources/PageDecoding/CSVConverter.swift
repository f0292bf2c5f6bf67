import ExportModel

/// Writes the records of a CSV body (RFC 4180, with a header) as lines of JSON: a cell becomes a
/// string under the header's name, an empty cell without quotes null.
///
/// A record with more or fewer cells than the header becomes a list of them, which is no record, so
/// that it is set aside. Bytes that are not UTF-8 stay, and are found when the lines are read.
struct CSVConverter {
    private let body: [UInt8]
    private var index: Int
    /// Of the record at hand: its cells as JSON, one after the other, and where each ends.
    private var values: [UInt8] = []
    private var ends: [Int] = []

    init(_ body: [UInt8]) {
        self.body = body
        index = body.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// - Parameter required: names of which the header must have one each; without them the body
    ///   is no list of records.
    /// - Throws: `cut_body` where a quote is not closed, `not_csv` where text follows one, or the
    ///   header lacks a name.
    mutating func convert(required: [[String]]) throws(PageDecodingError) -> [UInt8] {
        _ = skipEmptyLines()
        try readRecord()
        let names = (0..<ends.count).map { Array(values[range(of: $0)]) }
        for alternatives in required
        where !alternatives.contains(where: { names.contains(Self.quoted($0)) }) {
            throw PageDecodingError(kind: .notCSV, byteOffset: 0)
        }
        var output: [UInt8] = []
        output.reserveCapacity(body.count * 2 + PageDecoder.paddingByteCount)
        while skipEmptyLines() {
            try readRecord()
            appendRecord(names, to: &output)
        }
        return output
    }

    private func appendRecord(_ names: [[UInt8]], to output: inout [UInt8]) {
        let isRecord = ends.count == names.count
        output.append(UInt8(ascii: isRecord ? "{" : "["))
        for place in ends.indices {
            if place > 0 { output.append(UInt8(ascii: ",")) }
            if isRecord {
                output.append(contentsOf: names[place])
                output.append(UInt8(ascii: ":"))
            }
            output.append(contentsOf: values[range(of: place)])
        }
        output.append(UInt8(ascii: isRecord ? "}" : "]"))
        output.append(UInt8(ascii: "\n"))
    }

    private func range(of place: Int) -> Range<Int> {
        (place == 0 ? 0 : ends[place - 1])..<ends[place]
    }

    private static func quoted(_ text: String) -> [UInt8] {
        var quoted: [UInt8] = []
        JSONText.appendQuoted(text, to: &quoted)
        return quoted
    }

    // MARK: Reading

    /// Reads one record and the line break after it.
    private mutating func readRecord() throws(PageDecodingError) {
        values.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        while true {
            if index < body.count, body[index] == UInt8(ascii: "\"") {
                try readQuotedCell()
            } else {
                readPlainCell()
            }
            ends.append(values.count)
            guard index < body.count else { return }
            if body[index] == UInt8(ascii: ",") {
                index += 1
            } else if Self.isLineBreak(body[index]) {
                skipLineBreak()
                return
            } else {
                throw PageDecodingError(kind: .notCSV, byteOffset: index)
            }
        }
    }

    private mutating func readPlainCell() {
        let start = index
        while index < body.count, body[index] != UInt8(ascii: ","), !Self.isLineBreak(body[index]) {
            index += 1
        }
        if index == start {
            values.append(contentsOf: "null".utf8)
        } else {
            append(body[start..<index])
        }
    }

    private mutating func readQuotedCell() throws(PageDecodingError) {
        var text: [UInt8] = []
        index += 1
        while index < body.count {
            let byte = body[index]
            index += 1
            if byte == UInt8(ascii: "\"") {
                guard index < body.count, body[index] == byte else {
                    append(text[...])
                    return
                }
                index += 1
            }
            text.append(byte)
        }
        throw PageDecodingError(kind: .cutBody, byteOffset: body.count)
    }

    private mutating func append(_ text: ArraySlice<UInt8>) {
        text.withUnsafeBufferPointer { JSONText.appendQuoted($0, to: &values) }
    }

    /// Whether a record follows.
    private mutating func skipEmptyLines() -> Bool {
        while index < body.count, Self.isLineBreak(body[index]) { index += 1 }
        return index < body.count
    }

    private mutating func skipLineBreak() {
        if body[index] == 0x0D, index + 1 < body.count, body[index + 1] == 0x0A { index += 1 }
        index += 1
    }

    private static func isLineBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
}
