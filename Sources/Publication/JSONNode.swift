import ExportModel

/// JSON with its members in the order they were written down, for files that people read and that
/// must have the same bytes each time.
enum JSONNode {
    case null
    case integer(Int64)
    case bool(Bool)
    case text(String)
    case list([JSONNode])
    case object([(name: String, value: JSONNode)])

    static func integer(_ value: Int) -> Self { .integer(Int64(value)) }

    static func optional(_ text: String?) -> Self { text.map { .text($0) } ?? .null }

    /// UTF-8, indented by two spaces a level, with a line break at the end.
    var prettyPrinted: [UInt8] {
        var output: [UInt8] = []
        append(to: &output, depth: 0)
        output.append(UInt8(ascii: "\n"))
        return output
    }

    private func append(to output: inout [UInt8], depth: Int) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .integer(let value): output.append(contentsOf: String(value).utf8)
        case .bool(let value): output.append(contentsOf: String(value).utf8)
        case .text(let text): JSONText.appendQuoted(text, to: &output)
        case .list(let elements):
            Self.append(elements, "[", "]", to: &output, depth: depth) { element, output in
                element.append(to: &output, depth: depth + 1)
            }
        case .object(let members):
            Self.append(members, "{", "}", to: &output, depth: depth) { member, output in
                JSONText.appendQuoted(member.name, to: &output)
                output.append(contentsOf: ": ".utf8)
                member.value.append(to: &output, depth: depth + 1)
            }
        }
    }

    private static func append<Element>(
        _ elements: [Element], _ open: String, _ close: String, to output: inout [UInt8],
        depth: Int, _ write: (Element, inout [UInt8]) -> Void
    ) {
        output.append(contentsOf: open.utf8)
        for (index, element) in elements.enumerated() {
            output.append(contentsOf: (index == 0 ? "\n" : ",\n").utf8)
            output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * (depth + 1)))
            write(element, &output)
        }
        if !elements.isEmpty {
            output.append(UInt8(ascii: "\n"))
            output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
        }
        output.append(contentsOf: close.utf8)
    }
}
