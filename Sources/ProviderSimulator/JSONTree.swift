import ExportModel

/// A JSON body that is filled path by path, in the order of the first mention.
struct JSONTree {
    /// What stands at a path.
    indirect enum Value {
        case text(String)
        /// JSON as it is spelt.
        case raw(String)
        /// A list of objects that are JSON already.
        case rows([[UInt8]])
        case object([(name: String, value: Value)])
    }

    private var root: [(name: String, value: Value)] = []

    /// Puts a value at a path, over whatever stood there.
    mutating func set(_ path: JSONPath, _ value: Value) {
        Self.set(path.keys[...], value, in: &root)
    }

    /// Sets what a success must have by the rules.
    mutating func succeed(_ rules: AnswerRules) {
        for condition in rules.success {
            guard let accepted = condition.accepted.first else { continue }
            let isLiteral = ["true", "false", "null"].contains(accepted) || Int64(accepted) != nil
            set(condition.path, isLiteral ? .raw(accepted) : .text(accepted))
        }
    }

    /// Writes the whole body.
    func write(to writer: inout JSONWriter) {
        writer.object { Self.write(root, to: &$0) }
    }

    private static func set(
        _ keys: ArraySlice<String>, _ value: Value, in members: inout [(name: String, value: Value)]
    ) {
        guard let key = keys.first else { return }
        let index = members.firstIndex { $0.name == key }
        var placed = value
        if keys.count > 1 {
            var inner: [(name: String, value: Value)] = []
            if let index, case .object(let found) = members[index].value { inner = found }
            set(keys.dropFirst(), value, in: &inner)
            placed = .object(inner)
        }
        if let index {
            members[index].value = placed
        } else {
            members.append((key, placed))
        }
    }

    private static func write(
        _ members: [(name: String, value: Value)], to writer: inout JSONWriter
    ) {
        for (name, value) in members {
            switch value {
            case .text(let text): writer.text(name, text)
            case .raw(let json): writer.raw(name, json)
            case .rows(let rows):
                writer.name(name)
                writer.array { writer in
                    for row in rows { writer.element(json: row) }
                }
            case .object(let inner):
                writer.name(name)
                writer.object { write(inner, to: &$0) }
            }
        }
    }
}
