/// Reads the text of a ``TimePattern``.
struct TimePatternReader {
    private var rest: Substring
    private var elements: [TimePattern.Element] = []
    /// One letter for each part that came.
    private var parts: Set<Character> = []

    static func read(_ text: String) -> [TimePattern.Element]? {
        var reader = TimePatternReader(rest: text[...])
        while let next = reader.rest.first {
            let isRead =
                switch next {
                case "'": reader.readQuoted()
                case _ where next.isASCII && next.isLetter: reader.readLetters(next)
                case _ where next.isASCII && !next.isNumber: reader.readLiteral(next)
                default: false
                }
            guard isRead else { return nil }
        }
        return reader.isWhole ? reader.elements : nil
    }

    private init(rest: Substring) {
        self.rest = rest
    }

    /// Whether the parts together are a moment.
    private var isWhole: Bool {
        guard parts.isSuperset(of: "yMd") else { return false }
        let needs: [(part: Character, needed: Character)] = [
            ("m", "H"), ("s", "m"), ("S", "s"), ("h", "a"), ("a", "h"), ("X", "H"),
        ]
        let known = parts.contains("h") ? parts.union(["H"]) : parts
        return needs.allSatisfy { !parts.contains($0.part) || known.contains($0.needed) }
            && !(parts.contains("h") && parts.contains("H"))
    }

    private mutating func append(_ bytes: some Sequence<UInt8>) {
        if case .literal(let before) = elements.last {
            elements[elements.count - 1] = .literal(before + bytes)
        } else {
            elements.append(.literal(Array(bytes)))
        }
    }

    /// `'T'`, or `''` for an apostrophe, inside and outside of quotes.
    private mutating func readQuoted() -> Bool {
        rest.removeFirst()
        if rest.first == "'" {
            rest.removeFirst()
            append("'".utf8)
            return true
        }
        while let next = rest.popFirst() {
            if next == "'" {
                guard rest.first == "'" else { return true }
                rest.removeFirst()
            }
            append(String(next).utf8)
        }
        return false
    }

    private mutating func readLiteral(_ character: Character) -> Bool {
        rest.removeFirst()
        append(String(character).utf8)
        return true
    }

    private mutating func readLetters(_ letter: Character) -> Bool {
        let count = rest.prefix { $0 == letter }.count
        rest.removeFirst(count)
        guard let element = Self.element(letter, count),
            parts.insert(letter == "Z" ? "X" : letter).inserted
        else { return false }
        elements.append(element)
        return true
    }

    private static func element(_ letter: Character, _ count: Int) -> TimePattern.Element? {
        switch (letter, count) {
        case ("y", 1), ("y", 4): .number(.year, isPadded: count == 4)
        case ("y", 2): .number(.shortYear, isPadded: true)
        case ("M", 1...2): .number(.month, isPadded: count == 2)
        case ("M", 3): .monthName
        case ("d", 1...2): .number(.day, isPadded: count == 2)
        case ("H", 1...2): .number(.hour, isPadded: count == 2)
        case ("h", 1...2): .number(.halfDayHour, isPadded: count == 2)
        case ("m", 1...2): .number(.minute, isPadded: count == 2)
        case ("s", 1...2): .number(.second, isPadded: count == 2)
        case ("S", 1...9): .fraction(digitCount: count)
        case ("a", 1): .period
        case ("X", 1): .offset(.short)
        case ("X", 2): .offset(.compact)
        case ("X", 3), ("Z", 5): .offset(.extended)
        case ("Z", 1...3): .offset(.numeric)
        default: nil
        }
    }
}
