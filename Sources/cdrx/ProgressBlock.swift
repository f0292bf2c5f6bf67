/// The lines at the bottom of a terminal that are drawn again and again: what to write so that they
/// are replaced, moved below a message, or removed.
struct ProgressBlock {
    /// As they stand on the terminal, the last one without a line break.
    private(set) var lines: [String] = []
    /// Of the terminal when they were drawn.
    private var drawnColumns = 0

    /// What replaces the lines by others; empty where they stand already.
    ///
    /// - Parameter columns: of the terminal now.
    mutating func replace(by new: [String], columns: Int) -> String {
        if new == lines, columns == drawnColumns || new.isEmpty { return "" }
        let text = clearing(columns: columns) + new.joined(separator: "\n")
        lines = new
        drawnColumns = columns
        return text
    }

    /// What writes a message where the lines stand, and them again below it.
    mutating func insert(_ message: String, columns: Int) -> String {
        let text = clearing(columns: columns) + message + "\n" + lines.joined(separator: "\n")
        drawnColumns = columns
        return text
    }

    /// Goes to the first line and removes all from there on. Where the terminal has become narrower,
    /// lines take several rows.
    private func clearing(columns: Int) -> String {
        if lines.isEmpty { return "" }
        let columns = max(columns, 1)
        let rows = lines.reduce(0) { rows, line in
            rows + max((TextWidth.of(line) + columns - 1) / columns, 1)
        }
        return "\r" + (rows > 1 ? "\u{1B}[\(rows - 1)A" : "") + "\u{1B}[J"
    }
}

/// How many columns text takes on a terminal.
enum TextWidth {
    /// Counts characters, colours aside.
    static func of(_ text: String) -> Int {
        var count = 0
        var isInEscape = false
        for character in text {
            if character == "\u{1B}" {
                isInEscape = true
            } else if isInEscape {
                isInEscape = !character.isLetter
            } else {
                count += 1
            }
        }
        return count
    }

    /// The text in so many columns: its end gives way to `…`.
    static func fit(_ text: String, columns: Int) -> String {
        if text.count <= columns { return text }
        return columns <= 1 ? String(text.prefix(columns)) : text.prefix(columns - 1) + "…"
    }
}
