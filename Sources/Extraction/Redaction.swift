/// Keeps what providers say presentable: short, one line, and without the credentials and the
/// numbers that their error texts may echo.
enum Redaction {
    /// Longer texts are cut off.
    static let maximumCharacters = 120
    /// What comes after so many bytes is not looked at.
    static let maximumBytesRead = 65_536
    /// Longer words are keys of some kind, though none that was sent.
    static let maximumWordCharacters = 31
    /// So many digits, also over several words (`+44 207 946 0958`), are taken for a phone number.
    static let fewestHiddenDigits = 5

    private static let hidden = SentSecrets.hidden

    /// The text as messages may repeat it.
    static func redacted(_ text: String, hiding secrets: SentSecrets) -> String {
        let text = secrets.hidden(
            in: String(decoding: text.utf8.prefix(maximumBytesRead), as: UTF8.self))
        let words = text.split { $0.isWhitespace || isControl($0) }.map(String.init)
        var shown: [String] = []
        var start = 0
        while start < words.count {
            let end = words[start...].firstIndex { digitCount($0) == 0 } ?? words.count
            if end == start {
                shown.append(isKey(words[start]) ? hidden : words[start])
                start += 1
                continue
            }
            let numbers = words[start..<end]
            let digits = numbers.reduce(0) { $0 + digitCount($1) }
            if digits >= fewestHiddenDigits {
                shown.append(hidden)
            } else {
                shown += numbers.map { isKey($0) ? hidden : $0 }
            }
            start = end
        }
        return String(shown.joined(separator: " ").prefix(maximumCharacters))
    }

    private static func isKey(_ word: String) -> Bool {
        word.count > maximumWordCharacters
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
