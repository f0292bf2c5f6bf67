/// Lines of roff, with text escaped so that no formatter takes it for a request.
struct RoffPage {
    /// Columns of a line of the source, which formatters fill anew.
    private static let lineWidth = 78

    private(set) var text = ""
    /// A heading is itself the beginning of a paragraph.
    private var followsHeading = false

    /// - Parameter date: as in `2026-11-22`.
    mutating func title(_ name: String, section: Int, date: String, source: String) {
        text += ".TH \(name) \(section) \(date) \"\(source)\" \"User Commands\"\n"
    }

    mutating func section(_ name: String) {
        text += ".SH \(name)\n"
        followsHeading = true
    }

    mutating func subsection(_ name: String) {
        text += ".SS \"\(Self.escaped(name))\"\n"
        followsHeading = true
    }

    /// What whatis(1) shows: the name and one line.
    mutating func name(_ name: String, _ summary: String) {
        text += "\(name) \\- \(Self.escaped(summary))\n"
    }

    /// A command in bold, and what follows it.
    mutating func command(_ name: String, _ rest: String) {
        text += ".B \(name)\n" + Self.filled(rest)
    }

    /// A term and what it means, indented.
    mutating func item(_ term: String, _ meaning: String) {
        text += ".TP\n.B \(Self.escaped(term))\n" + Self.filled(meaning)
        followsHeading = false
    }

    /// Paragraphs as the help shows them: lines that begin with spaces stay as they are.
    mutating func prose(_ words: String) {
        for block in words.split(separator: "\n\n") {
            var filled: [Substring] = []
            var literal: [Substring] = []
            for line in block.split(separator: "\n") {
                if line.hasPrefix(" ") { literal.append(line) } else { filled.append(line) }
            }
            if !filled.isEmpty {
                beginParagraph()
                text += Self.filled(filled.joined(separator: " "))
            }
            guard !literal.isEmpty else { continue }
            beginParagraph()
            text += ".nf\n"
            for line in literal { text += Self.escaped(String(line)) + "\n" }
            text += ".fi\n"
        }
    }

    private mutating func beginParagraph() {
        if !followsHeading { text += ".PP\n" }
        followsHeading = false
    }

    /// Escaped words in lines of ``lineWidth``.
    private static func filled(_ words: String) -> String {
        var lines: [String] = []
        for word in words.split(separator: " ").map({ escaped(String($0)) }) {
            if let last = lines.last, last.count + word.count < lineWidth {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(word)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Backslashes, hyphens and quotation marks as they are; a leading period or apostrophe is no
    /// request (groff_char(7)).
    private static func escaped(_ words: String) -> String {
        var escaped = ""
        for character in words {
            switch character {
            case "\\": escaped += "\\e"
            case "-": escaped += "\\-"
            case "'": escaped += "\\(aq"
            case "\"": escaped += "\\(dq"
            case "`": escaped += "\\(ga"
            case "~": escaped += "\\(ti"
            case "^": escaped += "\\(ha"
            case "…": escaped += "..."
            default: escaped.append(character)
            }
        }
        return escaped.hasPrefix(".") ? "\\&" + escaped : escaped
    }
}
