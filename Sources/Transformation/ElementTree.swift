import ExportModel

/// What is looked for inside the elements of a list that is expanded. Node 0 is an element of the
/// outermost list.
struct ElementTree: Sendable {
    struct Node: Sendable {
        var members: [(key: [UInt8], node: Int)] = []
        var items: [(place: Int, node: Int)] = []
        /// Cells that the value fills.
        var cells: [Int] = []
        /// An element of the list that stands here, where that is expanded too.
        var element: Int?
    }

    private(set) var nodes = [Node()]
    /// Paths of the lists as they begin a member's name, quoted as JSON, without quotes.
    let prefixes: [[UInt8]]

    init(_ layout: CellLayout, expand: JSONPath) {
        prefixes = expand.steps.indices.filter { expand.steps[$0] == .each }.map { place in
            var text: [UInt8] = []
            let path = JSONPath(steps: Array(expand.steps[...place]))
            JSONText.appendQuoted(path.description, to: &text)
            return Array(text.dropFirst().dropLast())
        }
        _ = node(at: expand)
        for (cell, path) in layout.paths.enumerated() where path.hasEach {
            let node = node(at: path)
            nodes[node].cells.append(cell)
        }
    }

    /// The node of a path inside a record, made if need be.
    private mutating func node(at path: JSONPath) -> Int {
        var node = 0
        for step in path.steps.drop(while: { $0 != .each }).dropFirst() {
            node = child(of: node, step)
        }
        return node
    }

    private mutating func child(of node: Int, _ step: JSONPath.Step) -> Int {
        let made = nodes.count
        switch step {
        case .key(let key):
            let bytes = Array(key.utf8)
            if let known = nodes[node].members.first(where: { $0.key == bytes }) {
                return known.node
            }
            nodes[node].members.append((bytes, made))
        case .index(let place):
            if let known = nodes[node].items.first(where: { $0.place == place }) {
                return known.node
            }
            nodes[node].items.append((place, made))
        case .each:
            if let known = nodes[node].element { return known }
            nodes[node].element = made
        }
        nodes.append(Node())
        return made
    }

    /// All cells that a node and the nodes below it fill.
    func cells(below node: Int) -> [Int] {
        let inner = nodes[node].members.map(\.node) + nodes[node].items.map(\.node)
        return nodes[node].cells
            + (inner + [nodes[node].element].compactMap { $0 }).flatMap(cells(below:))
    }
}
