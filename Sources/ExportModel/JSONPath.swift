/// Where a value lies in a JSON text: `data.result.bills`, `to[0].phone`, `participants[].sessions`,
/// `"@odata.count"`.
///
/// Keys are joined by dots; one that holds a dot, a bracket or a quotation mark is quoted, with
/// `\` before quotation marks and backslashes. `[0]` is an element of a list, `[]` the element at
/// hand of a list that is expanded. The empty path is the text itself.
public struct JSONPath: Hashable, Sendable, CustomStringConvertible {
    /// One step from a value to one inside it.
    public enum Step: Hashable, Sendable {
        case key(String)
        /// An element of a list, from 0.
        case index(Int)
        /// The element at hand, while a list is expanded.
        case each
    }

    public var steps: [Step]

    public init(steps: [Step]) {
        self.steps = steps
    }

    public init(_ keys: [String]) {
        steps = keys.map(Step.key)
    }

    /// Plain keys, without quotes and brackets.
    public init(dotted: String) {
        self.init(
            dotted.split(separator: ".", omittingEmptySubsequences: false).map(String.init))
    }

    /// Reads a path as entries write it; nil where the text is none.
    public init?(parsing text: String) {
        var reader = JSONPathReader(text)
        guard let steps = reader.read() else { return nil }
        self.steps = steps
    }

    /// The keys among the steps.
    public var keys: [String] {
        steps.compactMap { if case .key(let key) = $0 { key } else { nil } }
    }

    /// Whether a step is the element at hand.
    public var hasEach: Bool { steps.contains(.each) }

    public var description: String {
        var text = ""
        for step in steps {
            switch step {
            case .index(let index): text += "[\(index)]"
            case .each: text += "[]"
            case .key(let key):
                text += text.isEmpty ? "" : "."
                text += JSONPathReader.isPlain(key) ? key : JSONPathReader.quoted(key)
            }
        }
        return text
    }
}

/// Reads the text of a path from its start to its end.
private struct JSONPathReader {
    /// A larger index is a mistake rather than a place in a record.
    private static let maximumIndex = 9_999

    private var rest: Substring
    private var steps: [JSONPath.Step] = []

    init(_ text: String) {
        rest = text[...]
    }

    mutating func read() -> [JSONPath.Step]? {
        while let next = rest.first {
            if next == "[" {
                guard let step = bracket() else { return nil }
                steps.append(step)
                continue
            }
            if !steps.isEmpty {
                guard next == "." else { return nil }
                rest.removeFirst()
            }
            guard let key = rest.first == "\"" ? quotedKey() : plainKey() else { return nil }
            steps.append(.key(key))
        }
        return steps
    }

    private mutating func bracket() -> JSONPath.Step? {
        rest.removeFirst()
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest.removeFirst(digits.count)
        guard rest.popFirst() == "]" else { return nil }
        if digits.isEmpty { return .each }
        guard let index = Int(digits), index <= Self.maximumIndex else { return nil }
        return .index(index)
    }

    private mutating func plainKey() -> String? {
        let key = rest.prefix { !Self.isSpecial($0) }
        rest.removeFirst(key.count)
        return key.isEmpty ? nil : String(key)
    }

    private mutating func quotedKey() -> String? {
        rest.removeFirst()
        var key = ""
        while let next = rest.popFirst() {
            if next == "\"" { return key }
            if next == "\\" {
                guard let escaped = rest.popFirst() else { return nil }
                key.append(escaped)
            } else {
                key.append(next)
            }
        }
        return nil
    }

    static func isPlain(_ key: String) -> Bool {
        !key.isEmpty && !key.contains(where: isSpecial)
    }

    static func quoted(_ key: String) -> String {
        "\"" + key.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }

    private static func isSpecial(_ character: Character) -> Bool {
        ".[]\"".contains(character)
    }
}
