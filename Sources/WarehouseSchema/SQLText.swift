import ExportModel

/// Pieces of SQL that dialects share.
enum SQLText {
    /// `'text'`, quotes doubled.
    static func literal(_ text: String) -> String {
        "'" + text.replacing("'", with: "''") + "'"
    }

    /// `'text'` where a backslash escapes: quotes and backslashes get one, control characters too.
    static func escapedLiteral(_ text: String, quote: Character = "'") -> String {
        var output = String(quote)
        for character in text.unicodeScalars {
            switch character {
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case _ where Character(character) == quote: output += "\\\(character)"
            default: output.unicodeScalars.append(character)
            }
        }
        return output + String(quote)
    }

    /// An identifier in quotes, a quote in it doubled.
    static func identifier(_ name: String, quote: String = "\"") -> String {
        quote + name.replacing(quote, with: quote + quote) + quote
    }

    /// A qualified name, each part in quotes.
    static func qualified(_ parts: [String], quote: String = "\"") -> String {
        parts.map { identifier($0, quote: quote) }.joined(separator: ".")
    }

    /// One item a line, indented, between parentheses.
    static func list(_ items: [String]) -> String {
        "(\n" + items.map { "    \($0)" }.joined(separator: ",\n") + "\n)"
    }

    /// Items in parentheses on one line.
    static func row(_ items: [String]) -> String {
        "(" + items.joined(separator: ", ") + ")"
    }
}

extension CSVOptions {
    /// The delimiter as text.
    var delimiterText: String { String(UnicodeScalar(delimiter)) }
}
