/// A piece of HTML. A literal's own characters are markup; what is interpolated is escaped, unless
/// it is HTML itself.
///
///     let name = "<b>"
///     let cell: HTML = "<td>\(name)</td>"    // <td>&lt;b&gt;</td>
struct HTML: ExpressibleByStringInterpolation {
    private(set) var text: String

    /// What a literal is made of.
    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 16 * interpolationCount)
        }

        mutating func appendLiteral(_ literal: String) { text += literal }

        mutating func appendInterpolation(_ value: String) { text += HTML.escaped(value) }

        mutating func appendInterpolation(_ value: Int) { text += String(value) }

        mutating func appendInterpolation(_ value: HTML) { text += value.text }
    }

    init(stringLiteral literal: String) { text = literal }

    init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

    static func + (left: HTML, right: HTML) -> HTML { HTML(joining: [left, right]) }

    static func += (left: inout HTML, right: HTML) { left.text += right.text }

    /// Pieces one after the other, each on a line of its own.
    init(joining pieces: [HTML]) {
        text = pieces.map(\.text).joined(separator: "\n")
    }

    /// For text and for attributes in double or single quotation marks. Characters that HTML cannot
    /// hold become U+FFFD.
    static func escaped(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            case "\t", "\n": escaped.unicodeScalars.append(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
