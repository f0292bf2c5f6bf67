import Testing

@testable import cdrx

/// What is written is played on a small terminal, which must show what is meant.
@Suite struct ProgressBlockTests {
    @Test func linesAreReplacedInPlace() {
        var (block, terminal) = (ProgressBlock(), Terminal(columns: 20))
        terminal.write("$ cdrx run\n")
        terminal.write(block.replace(by: ["one 1", "two 1"], columns: 20))
        terminal.write(block.replace(by: ["one 2", "two 2", "all 2"], columns: 20))
        terminal.write(block.replace(by: ["one 3"], columns: 20))
        #expect(terminal.lines == ["$ cdrx run", "one 3"])
    }

    @Test func aMessageGoesAboveTheLines() {
        var (block, terminal) = (ProgressBlock(), Terminal(columns: 20))
        terminal.write(block.replace(by: ["one", "two"], columns: 20))
        terminal.write(block.insert("a message", columns: 20))
        terminal.write(block.insert("another", columns: 20))
        #expect(terminal.lines == ["a message", "another", "one", "two"])
        terminal.write(block.replace(by: [], columns: 20))
        #expect(terminal.lines == ["a message", "another", ""])
    }

    @Test func whatStandsIsNotWrittenAgain() {
        var block = ProgressBlock()
        #expect(block.replace(by: ["one"], columns: 20) != "")
        #expect(block.replace(by: ["one"], columns: 20) == "")
        #expect(block.replace(by: ["one"], columns: 19) != "")
        #expect(block.replace(by: [], columns: 19) != "")
        #expect(block.replace(by: [], columns: 19) == "")
    }

    /// A terminal that becomes narrower breaks the lines that stand.
    @Test func brokenLinesAreRemovedWhole() {
        var (block, terminal) = (ProgressBlock(), Terminal(columns: 20))
        terminal.write("before\n")
        terminal.write(
            block.replace(by: ["0123456789abcdef", "0123456789abcdef"], columns: 20))
        terminal.resize(columns: 8)
        #expect(terminal.lines.count == 5)
        terminal.write(block.replace(by: ["short"], columns: 8))
        #expect(terminal.lines == ["before", "short"])
    }

    @Test func coloursTakeNoColumns() {
        #expect(TextWidth.of("\u{1B}[31merror:\u{1B}[0m no") == 9)
        #expect(TextWidth.fit("abcdef", columns: 6) == "abcdef")
        #expect(TextWidth.fit("abcdef", columns: 5) == "abcd…")
        #expect(TextWidth.fit("abcdef", columns: 1) == "a")
        #expect(TextWidth.fit("abcdef", columns: 0) == "")
    }
}

/// As much of a terminal as a block uses: line breaks, `ESC [ n A`, `ESC [ J` and `\r`.
private struct Terminal {
    private(set) var lines = [""]
    private var row = 0
    private var column = 0
    private var columns: Int

    init(columns: Int) {
        self.columns = columns
    }

    mutating func resize(columns: Int) {
        self.columns = columns
        lines = lines.flatMap { line -> [String] in
            stride(from: 0, to: max(line.count, 1), by: columns).map { start in
                String(line.dropFirst(start).prefix(columns))
            }
        }
        row = lines.count - 1
    }

    mutating func write(_ text: String) {
        var rest = Substring(text)
        while let character = rest.popFirst() {
            switch character {
            case "\n":
                row += 1
                column = 0
                if row == lines.count { lines.append("") }
            case "\r": column = 0
            case "\u{1B}":
                let end = rest.firstIndex { $0.isLetter } ?? rest.endIndex
                let number = Int(rest[..<end].dropFirst()) ?? 1
                if rest[end] == "A" {
                    row -= number
                } else {
                    lines[row] = String(lines[row].prefix(column))
                    lines.removeSubrange((row + 1)...)
                }
                rest = rest[rest.index(after: end)...]
            default:
                lines[row] = String(lines[row].prefix(column)) + String(character)
                column += 1
            }
        }
    }
}
