/// CSV text (RFC 4180) cut into records; a byte order mark, CRLF and empty lines are tolerated.
struct CSVRecords {
    struct Record {
        /// Line of the first byte, from 1.
        var line: Int
        var values: [String]
    }

    /// What breaks the form.
    struct Failure: Error, Equatable {
        var line: Int
        var message: String
    }

    private let bytes: [UInt8]
    private var position: Int
    private var line = 1

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The next record; nil at the end.
    mutating func next() throws(Failure) -> Record? {
        while position < bytes.count {
            if skipLineBreak() { continue }
            var record = Record(line: line, values: [])
            while true {
                record.values.append(try value())
                guard position < bytes.count, bytes[position] == UInt8(ascii: ",") else { break }
                position += 1
            }
            guard position == bytes.count || skipLineBreak() else {
                throw Failure(
                    line: line, message: "text after a closing quote; double quotes inside quotes")
            }
            return record
        }
        return nil
    }

    private mutating func value() throws(Failure) -> String {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            let start = position
            while position < bytes.count, bytes[position] != UInt8(ascii: ","),
                bytes[position] != UInt8(ascii: "\n"), bytes[position] != UInt8(ascii: "\r")
            {
                position += 1
            }
            return try text(bytes[start..<position])
        }
        let opening = line
        position += 1
        var content: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") {
                guard position < bytes.count, bytes[position] == byte else {
                    return try text(content[...])
                }
                position += 1
            } else if byte == UInt8(ascii: "\n") {
                line += 1
            }
            content.append(byte)
        }
        throw Failure(line: opening, message: "a quote is opened here and never closed")
    }

    private func text(_ bytes: ArraySlice<UInt8>) throws(Failure) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Failure(line: line, message: "the line is not UTF-8; save the file as UTF-8")
        }
        return text
    }

    /// Moves past `\n`, `\r\n` or `\r`; false if none is next.
    private mutating func skipLineBreak() -> Bool {
        guard position < bytes.count else { return false }
        let isReturn = bytes[position] == UInt8(ascii: "\r")
        guard isReturn || bytes[position] == UInt8(ascii: "\n") else { return false }
        position += 1
        if isReturn, position < bytes.count, bytes[position] == UInt8(ascii: "\n") { position += 1 }
        line += 1
        return true
    }
}
