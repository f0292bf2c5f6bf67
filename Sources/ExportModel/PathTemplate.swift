/// A path with names in braces, each of which stands for the value of a parameter:
/// `/accounts/{account_sid}/calls`.
public struct PathTemplate: Hashable, Sendable {
    /// A stretch of a template.
    public enum Part: Hashable, Sendable {
        case text(String)
        /// Of a parameter.
        case name(String)
    }

    /// In order.
    public let parts: [Part]

    /// nil where a brace has no partner, or a name is empty.
    public init?(_ text: String) {
        var parts: [Part] = []
        var rest = text[...]
        while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            guard rest[brace] == "{", let end = rest[brace...].firstIndex(of: "}") else {
                return nil
            }
            let name = rest[rest.index(after: brace)..<end]
            guard !name.isEmpty, !name.contains("{") else { return nil }
            if brace > rest.startIndex { parts.append(.text(String(rest[..<brace]))) }
            parts.append(.name(String(name)))
            rest = rest[rest.index(after: end)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
    }

    /// The names, in order; one may come several times.
    public var names: [String] {
        parts.compactMap { if case .name(let name) = $0 { name } else { nil } }
    }

    /// Why a value cannot stand for a name; nil if it can. Never repeats the value.
    ///
    /// Dot segments would lead to another path (RFC 3986, section 5.2.4).
    public static func mistake(in value: String) -> String? {
        if value.isEmpty { return "must not be empty, since it is a part of the path" }
        if value == "." || value == ".." {
            return "must not be `.` or `..`, since it is a part of the path"
        }
        return nil
    }
}
