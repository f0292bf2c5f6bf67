/// An element of an answer in XML: as much of the language as stores write. Attributes are passed
/// over; there are no document types, so that nothing can be expanded.
struct XMLElement {
    /// Without a prefix.
    var name: String
    /// What stands directly in it, unescaped.
    var text = ""
    var children: [XMLElement] = []

    /// Elements may lie so deep at most.
    private static let maximumDepth = 16

    /// nil where the bytes are no XML of that kind.
    init?(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var rest = text.unicodeScalars[...]
        var open: [XMLElement] = []
        while let start = rest.firstIndex(of: "<") {
            if let last = open.indices.last {
                guard let words = Self.unescaped(rest[..<start]) else { return nil }
                open[last].text += words
            }
            guard let end = rest[start...].firstIndex(of: ">") else { return nil }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            guard let first = tag.first else { return nil }
            switch first {
            case "?": continue
            case "!": return nil
            case "/":
                guard let element = open.popLast(), Self.name(of: tag.dropFirst()) == element.name
                else { return nil }
                guard let parent = open.indices.last else {
                    self = element
                    return
                }
                open[parent].children.append(element)
            default:
                let element = XMLElement(name: Self.name(of: tag))
                guard open.count < Self.maximumDepth else { return nil }
                if tag.last != "/" {
                    open.append(element)
                } else if let parent = open.indices.last {
                    open[parent].children.append(element)
                } else {
                    self = element
                    return
                }
            }
        }
        return nil
    }

    private init(name: String) {
        self.name = name
    }

    /// The first child of that name.
    subscript(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    /// The text of the first child of that name; nil where there is none or it is empty.
    func text(_ name: String) -> String? {
        self[name].flatMap { $0.text.isEmpty ? nil : $0.text }
    }

    private static func name(of tag: Substring.UnicodeScalarView) -> String {
        let name = tag.prefix { !$0.properties.isWhitespace && $0 != "/" }
        return String(name.lastIndex(of: ":").map { name[name.index(after: $0)...] } ?? name)
    }

    private static func unescaped(_ text: Substring.UnicodeScalarView) -> String? {
        guard text.contains("&") else { return String(text) }
        var result = String.UnicodeScalarView()
        var rest = text
        while let start = rest.firstIndex(of: "&") {
            result += rest[..<start]
            guard let end = rest[start...].firstIndex(of: ";"),
                let scalar = scalar(String(rest[rest.index(after: start)..<end]))
            else { return nil }
            result.append(scalar)
            rest = rest[rest.index(after: end)...]
        }
        return String(result + rest)
    }

    private static func scalar(_ entity: String) -> Unicode.Scalar? {
        switch entity {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default: break
        }
        guard entity.hasPrefix("#") else { return nil }
        let digits = entity.dropFirst()
        let value =
            digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return value.flatMap(Unicode.Scalar.init)
    }
}
