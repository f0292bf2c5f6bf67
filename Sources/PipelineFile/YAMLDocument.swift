import Yams

/// One YAML text as a tree of nodes with their places.
///
/// Yams ends at the first repeated key. To report it beside every other mistake, the earlier of two
/// equal keys is overwritten with a private-use character of its own and the text is read again.
struct YAMLDocument {
    /// Larger files are refused unread.
    static let byteLimit = 16 << 20
    /// Repeated keys that are looked for.
    private static let repeatedKeyLimit = 30

    /// nil: the text has no document, or a mistake that is already among the findings.
    let root: Node?

    init(_ bytes: [UInt8], context: ReadingContext) {
        guard let text = Self.text(bytes, context: context) else {
            root = nil
            return
        }
        var lines: [[Unicode.Scalar]]?
        var current = text
        for attempt in 0...Self.repeatedKeyLimit {
            do {
                let parser = try Parser(yaml: current, resolver: .basic, encoding: .utf8)
                root = try parser.singleRoot()
                return
            } catch YamlError.duplicatedKeysInMapping(let names, let duplicate) {
                let mark = duplicate.mark
                let name = ScalarText(
                    text: names.first ?? "", isPlain: true, hasReferences: false)
                context.findings.add(
                    .error, context.location(line: mark.line, column: mark.column),
                    "\(name.quoted) is given more than once in the same mapping; keep one")
                var edited = lines ?? Self.lines(of: text)
                guard attempt < Self.repeatedKeyLimit,
                    Self.mask(at: mark, with: attempt, in: &edited)
                else { break }
                lines = edited
                var joined = String.UnicodeScalarView()
                for line in edited { joined.append(contentsOf: line) }
                current = String(joined)
            } catch {
                Self.report(error, context: context)
                break
            }
        }
        root = nil
    }

    /// Whether a key is one that ``init(_:context:)`` has overwritten.
    static func isMasked(_ key: String) -> Bool {
        guard let first = key.unicodeScalars.first else { return false }
        return (0xE000..<0xE000 + UInt32(repeatedKeyLimit)).contains(first.value)
    }

    /// The text without a byte order mark; nil (and a finding) if it is too long or not UTF-8.
    static func text(_ bytes: [UInt8], context: ReadingContext) -> String? {
        let start = context.location(line: 1, column: 1)
        guard bytes.count <= byteLimit else {
            context.findings.add(
                .error, start, "the file has \(bytes.count) bytes; at most \(byteLimit) are read")
            return nil
        }
        let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        guard let text = String(validating: content, as: UTF8.self) else {
            let valid = String(decoding: content, as: UTF8.self).prefix { $0 != "\u{FFFD}" }
            let line = valid.utf8.count { $0 == UInt8(ascii: "\n") } + 1
            let column = valid.unicodeScalars.reversed().prefix { $0 != "\n" }.count + 1
            context.findings.add(
                .error, context.location(line: line, column: column),
                "the file is not UTF-8 here; save it as UTF-8")
            return nil
        }
        return text
    }

    /// The lines with their line breaks, cut as libyaml counts them.
    private static func lines(of text: String) -> [[Unicode.Scalar]] {
        var lines: [[Unicode.Scalar]] = [[]]
        var previous: Unicode.Scalar = " "
        for scalar in text.unicodeScalars {
            if ["\n", "\u{85}", "\u{2028}", "\u{2029}"].contains(previous)
                || (previous == "\r" && scalar != "\n")
            {
                lines.append([])
            }
            lines[lines.count - 1].append(scalar)
            previous = scalar
        }
        return lines
    }

    /// Overwrites the plain or quoted key at `mark`; false if there is none.
    private static func mask(
        at mark: Mark, with attempt: Int, in lines: inout [[Unicode.Scalar]]
    ) -> Bool {
        guard lines.indices.contains(mark.line - 1),
            let masking = Unicode.Scalar(0xE000 + UInt32(attempt))
        else { return false }
        var column = mark.column - 1
        let line = lines[mark.line - 1]
        if line.indices.contains(column), line[column] == "\"" || line[column] == "'" {
            column += 1
        }
        guard line.indices.contains(column),
            line[column].properties.isAlphabetic || line[column].properties.numericType != nil
                || line[column] == "_"
        else { return false }
        lines[mark.line - 1][column] = masking
        return true
    }

    /// Says what libyaml says, without the line itself, which may hold a credential.
    private static func report(_ error: any Error, context: ReadingContext) {
        var location = context.location(line: 1, column: 1)
        let problem: String
        switch error {
        case YamlError.scanner(_, let text, let mark, _),
            YamlError.parser(_, let text, let mark, _),
            YamlError.composer(_, let text, let mark, _):
            location = context.location(line: mark.line, column: mark.column)
            problem = text
        case YamlError.reader(let text, let offset, _, let yaml):
            let before = yaml.prefix(offset ?? 0)
            location = context.location(
                line: before.count { $0.isNewline } + 1,
                column: before.reversed().prefix { !$0.isNewline }.count + 1)
            problem = text
        default:
            problem = "the text cannot be read"
        }
        context.findings.add(.error, location, "not valid YAML: \(problem)")
    }
}
