import ExportModel

/// A JSON value that is filled path by path, members in the order of their first mention.
indirect enum JSONNode {
    case text(String)
    /// JSON as it is spelt.
    case raw(String)
    /// A list of values that are JSON already.
    case rows([[UInt8]])
    case list([JSONNode])
    case object([(name: String, value: JSONNode)])

    /// An object without members.
    static let empty = JSONNode.object([])

    /// A scalar as a response spells it: numbers, truth values and null without quotes.
    static func literal(_ text: String) -> Self {
        let isLiteral = ["true", "false", "null"].contains(text) || Int64(text) != nil
        return isLiteral ? .raw(text) : .text(text)
    }

    /// Puts a value at a path, over whatever stood there; the empty path is the value itself.
    ///
    /// An index past the end of a list makes the elements before it, each an empty object.
    mutating func set(_ path: JSONPath, _ value: JSONNode) {
        set(path.steps[...], value)
    }

    /// Sets what a success must have by the rules.
    mutating func succeed(_ rules: AnswerRules) {
        for condition in rules.success {
            if let accepted = condition.accepted.first {
                set(condition.path, .literal(accepted))
            }
        }
    }

    /// The members of an object, or nothing.
    var members: [(name: String, value: JSONNode)] {
        if case .object(let members) = self { members } else { [] }
    }

    private mutating func set(_ steps: ArraySlice<JSONPath.Step>, _ value: JSONNode) {
        guard let step = steps.first else {
            self = value
            return
        }
        switch step {
        case .key(let key):
            var members = self.members
            let index = members.firstIndex { $0.name == key } ?? members.count
            if index == members.count { members.append((key, .empty)) }
            members[index].value.set(steps.dropFirst(), value)
            self = .object(members)
        case .index(let index):
            var elements: [JSONNode] = []
            if case .list(let found) = self { elements = found }
            while elements.count <= index { elements.append(.empty) }
            elements[index].set(steps.dropFirst(), value)
            self = .list(elements)
        case .each:
            preconditionFailure("the element at hand has no index here")
        }
    }

    /// The bytes of the whole value.
    var bytes: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }

    /// Writes the value where one may stand.
    func write(to writer: inout JSONWriter) {
        switch self {
        case .text(let text): writer.element(text: text)
        case .raw(let json): writer.element(json: Array(json.utf8))
        case .rows(let rows):
            writer.array { writer in
                for row in rows { writer.element(json: row) }
            }
        case .list(let elements):
            writer.array { writer in
                for element in elements { element.write(to: &writer) }
            }
        case .object(let members):
            writer.object { writer in
                for (name, value) in members {
                    writer.name(name)
                    value.write(to: &writer)
                }
            }
        }
    }
}
