/// `${NAME}` and `${NAME:-default}` inside a scalar, in a credential `${file:…}` and `${command:…}`
/// too; `$${` stands for a literal `${`.
///
/// Replacing happens after YAML is parsed, so a value never changes the structure of a file.
enum EnvironmentReference {
    struct Expansion: Equatable {
        var text: String
        /// Whether anything in ``text`` came from a reference, default or not.
        var hasReferences: Bool
        /// A part is missing, since commands are not run.
        var isUnread = false
    }

    /// Why a scalar cannot be expanded; the text is a whole message.
    struct Failure: Error, Equatable {
        var message: String
    }

    /// - Parameter secrets: nil where a value is no credential.
    static func expand(
        _ scalar: String, environment: [String: String], secrets: SecretReader? = nil
    ) throws(Failure) -> Expansion {
        var expansion = Expansion(text: scalar, hasReferences: false)
        guard scalar.contains("${") else { return expansion }
        var text = ""
        var rest = Substring(scalar)
        while let dollar = rest.firstIndex(of: "$") {
            text += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                text += "${"
                rest = rest.dropFirst(3)
            } else if let (reference, after) = try SecretReference.first(in: rest) {
                guard let secrets else {
                    throw Failure(
                        message: "`${file:…}` and `${command:…}` stand for credentials only; "
                            + "write the value, or `${NAME}`")
                }
                let value = try secrets.value(of: reference)
                expansion.isUnread = expansion.isUnread || value == nil
                text += value ?? ""
                expansion.hasReferences = true
                rest = after
            } else if rest.hasPrefix("${") {
                guard let end = rest.firstIndex(of: "}") else {
                    throw Failure(
                        message: "`${` is not closed; write `${NAME}`, or `$${` for a literal `${`")
                }
                text += try value(of: rest[..<end].dropFirst(2), in: environment)
                expansion.hasReferences = true
                rest = rest[rest.index(after: end)...]
            } else {
                text += "$"
                rest = rest.dropFirst()
            }
        }
        expansion.text = text + rest
        return expansion
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
