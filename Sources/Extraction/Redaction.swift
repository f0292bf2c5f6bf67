/// Keeps what providers say presentable: short, one line, and without numbers or tokens that their
/// error texts may echo.
enum Redaction {
    /// Longer texts are cut off.
    static let mostCharacters = 120
    /// Longer words are taken for tokens.
    static let mostWordCharacters = 20
    /// So many digits, also over several words (`+44 207 946 0958`), are taken for a phone number.
    static let fewestHiddenDigits = 5

    /// What stands for hidden words.
    private static let hidden = "…"

    /// The text as messages may repeat it.
    static func redacted(_ text: String) -> String {
        let words = text.split { $0.isWhitespace || isControl($0) }.map(String.init)
        var shown: [String] = []
        var start = 0
        while start < words.count {
            let end = words[start...].firstIndex { digitCount($0) == 0 } ?? words.count
            if end == start {
                shown.append(isToken(words[start]) ? hidden : words[start])
                start += 1
                continue
            }
            let numbers = words[start..<end]
            let digits = numbers.reduce(0) { $0 + digitCount($1) }
            if digits >= fewestHiddenDigits {
                shown.append(hidden)
            } else {
                shown += numbers.map { isToken($0) ? hidden : $0 }
            }
            start = end
        }
        return String(shown.joined(separator: " ").prefix(mostCharacters))
    }

    /// Long, or in three and more parts as application secrets are (`abcd-efgh-ijkl`).
    private static func isToken(_ word: String) -> Bool {
        word.count > mostWordCharacters || word.count { $0 == "-" || $0 == "_" } >= 2
    }

    private static func digitCount(_ word: String) -> Int {
        word.count(where: \.isNumber)
    }

    private static func isControl(_ character: Character) -> Bool {
        character.unicodeScalars.contains {
            [.control, .format].contains($0.properties.generalCategory)
        }
    }
}
