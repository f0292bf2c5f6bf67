import Yams

/// A value of a YAML file under the name that messages call it by.
struct YAMLValue {
    let node: Node
    /// `` `key` ``, ``an item of `key` `` or `the file`.
    let name: String
    let context: ReadingContext

    /// Where the value starts.
    var location: SourceLocation {
        guard let mark = node.mark else { return context.location(line: 1, column: 1) }
        return context.location(line: mark.line, column: mark.column)
    }

    func fail(_ message: String) {
        context.findings.add(.error, location, message)
    }

    func warn(_ message: String) {
        context.findings.add(.warning, location, message)
    }

    /// The same value, called something else.
    func renamed(_ name: String) -> YAMLValue {
        YAMLValue(node: node, name: name, context: context)
    }

    /// The items of a list; nil (and a finding) for anything else.
    func list(of what: String) -> [YAMLValue]? {
        guard case .sequence(let sequence) = node else {
            fail("\(name) must be a list of \(what), not \(shape)")
            return nil
        }
        return sequence.map { YAMLValue(node: $0, name: "an item of \(name)", context: context) }
    }

    /// The texts of a list; nil (and findings) if one of them is none.
    func textList(of what: String) -> [Located<String>]? {
        each(of: what) { item in
            item.scalar(as: "text").map { Located(value: $0.text, location: item.location) }
        }
    }

    /// Whether it is a plain `null`, `~` or nothing at all.
    var isNull: Bool {
        guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    var isMapping: Bool {
        if case .mapping = node { return true }
        return false
    }

    /// Whether it is a list, of whatever items.
    var isList: Bool {
        if case .sequence = node { true } else { false }
    }

    var isScalar: Bool {
        if case .scalar = node { return true }
        return false
    }

    /// The kind of node, for `must be …, not ‹shape›`.
    var shape: String {
        switch node {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .scalar, .alias: isNull ? "nothing" : "a single value"
        }
    }
}

/// A scalar after references to the environment were replaced.
struct ScalarText {
    var text: String
    /// Written without quotes, or from a reference: then it may be a number or a truth value too.
    var isPlain: Bool
    var hasReferences: Bool
    /// A part is missing, since commands are not run.
    var isUnread = false

    /// The value for a message, unless it came from the environment.
    var quoted: String {
        if hasReferences { return "the value from the environment" }
        let shown = text.unicodeScalars.prefix(40).map { scalar in
            scalar.properties.generalCategory == .control ? "\u{FFFD}" : Character(scalar)
        }
        return "`\(String(shown))\(text.unicodeScalars.count > 40 ? "…" : "")`"
    }
}
