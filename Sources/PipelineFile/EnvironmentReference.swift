/// `${NAME}` and `${NAME:-default}` inside a scalar; `$${` stands for a literal `${`.
///
/// Replacing happens after YAML is parsed, so a value never changes the structure of a file.
enum EnvironmentReference {
    struct Expansion: Equatable {
        var text: String
        /// Whether anything in ``text`` came from a reference, default or not.
        var hasReferences: Bool
    }

    /// Why a scalar cannot be expanded; the text is a whole message.
    struct Failure: Error, Equatable {
        var message: String
    }

    static func expand(
        _ scalar: String, environment: [String: String]
    ) throws(Failure) -> Expansion {
        guard scalar.contains("${") else { return Expansion(text: scalar, hasReferences: false) }
        var text = ""
        var hasReferences = false
        var rest = Substring(scalar)
        while let dollar = rest.firstIndex(of: "$") {
            text += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                text += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                guard let end = rest.firstIndex(of: "}") else {
                    throw Failure(
                        message: "`${` is not closed; write `${NAME}`, or `$${` for a literal `${`")
                }
                text += try value(of: rest[..<end].dropFirst(2), in: environment)
                hasReferences = true
                rest = rest[rest.index(after: end)...]
            } else {
                text += "$"
                rest = rest.dropFirst()
            }
        }
        return Expansion(text: text + rest, hasReferences: hasReferences)
    }

    /// The value of what stands between the braces. A default also replaces an empty value.
    private static func value(
        of reference: Substring, in environment: [String: String]
    ) throws(Failure) -> String {
        var name = reference
        var fallback: Substring?
        if let mark = reference.firstRange(of: ":-") {
            name = reference[..<mark.lowerBound]
            fallback = reference[mark.upperBound...]
        }
        guard isName(name) else {
            throw Failure(
                message: "a reference to the environment must be `${NAME}` or `${NAME:-default}`, "
                    + "where NAME is letters, digits and `_`; write `$${` for a literal `${`")
        }
        if let fallback, fallback.contains("${") {
            throw Failure(
                message: "the default of `${\(name)}` must not hold another reference")
        }
        if let found = environment[String(name)], !(found.isEmpty && fallback != nil) {
            return found
        }
        guard let fallback else {
            throw Failure(
                message: "environment variable `\(name)` is not set; "
                    + "set it, or give a default: `${\(name):-…}`")
        }
        return String(fallback)
    }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else { return false }
        return text.utf8.allSatisfy(NameRule.isWordByte)
    }
}
