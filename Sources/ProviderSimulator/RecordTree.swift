import ExportModel

/// A record while its fields are written, with the rows that its expanded list makes of it.
struct RecordTree {
    private struct Leaf {
        var field: Field
        /// Without the element at hand.
        var steps: [JSONPath.Step]
        /// Which elements the leaf lies in, from the outermost.
        var place: [Int]
        var cell: JSONNode?
        var wire: JSONNode?
    }

    /// The object as it is served.
    private(set) var node = JSONNode.empty
    /// Places of elements by depth: `[[]]` is the record itself.
    private var places: [[[Int]]] = [[[]]]
    private let isExpanded: Bool
    private var leaves: [Leaf] = []
    /// Members that no field covers, or only in part.
    private var uncovered: Set<String> = []

    /// Draws how many elements each list has: none to three.
    init(expand: JSONPath?, _ draw: inout SeededDraw) {
        isExpanded = expand != nil
        guard let steps = expand?.steps else { return }
        for end in steps.indices where steps[end] == .each {
            var inner: [[Int]] = []
            for outer in places.last ?? [] {
                let count = draw.below(4)
                inner += (0..<count).map { outer + [$0] }
                let list = JSONNode.list(Array(repeating: .empty, count: count))
                node.set(JSONPath(steps: Self.concrete(steps[..<end], outer)), list)
            }
            places.append(inner)
        }
    }

    /// Where the values of a source lie: one place, or one for each element.
    func places(of source: JSONPath) -> [[Int]] {
        places[source.steps.count { $0 == .each }]
    }

    /// Writes the value that counts for a field.
    mutating func put(_ value: GenericValue, at source: JSONPath, _ place: [Int], of field: Field) {
        let steps = Self.concrete(source.steps[...], place)
        if let wire = value.wire { node.set(JSONPath(steps: steps), wire) }
        leaves.append(
            Leaf(field: field, steps: steps, place: place, cell: value.cell, wire: value.wire))
    }

    /// What another field that lies at the same place has written there.
    func written(at source: JSONPath, _ place: [Int]) -> GenericValue? {
        let steps = Self.concrete(source.steps[...], place)
        guard let leaf = leaves.first(where: { $0.steps == steps }) else { return nil }
        return GenericValue(wire: leaf.wire, cell: leaf.cell)
    }

    /// Writes what another source of a field has, which does not count.
    mutating func put(_ wire: JSONNode?, at source: JSONPath, _ place: [Int]) {
        guard let wire else { return }
        node.set(JSONPath(steps: Self.concrete(source.steps[...], place)), wire)
    }

    /// Adds a member that no document has.
    mutating func addUnknown(_ name: String, _ value: JSONNode) {
        node.set(JSONPath([name]), value)
        uncovered.insert(name)
    }

    /// Names of the objects inside the record that fields lie in.
    var objects: [String] {
        node.members.filter { if case .object = $0.value { true } else { false } }.map(\.name)
            .filter { name in leaves.contains { $0.steps.first == .key(name) && $0.steps.count > 1 }
            }
    }

    /// Adds a member to an object inside the record, so that fields cover it only in part.
    mutating func addSibling(_ name: String, _ value: JSONNode, in object: String) {
        node.set(JSONPath([object, name]), value)
        uncovered.insert(object)
    }

    /// Whether a field of the record itself says something.
    func isPresent(_ field: String) -> Bool {
        leaves.contains { $0.field.name == field && $0.cell != nil }
    }

    /// Values by column: a row for each element that has none inside, or one for the record.
    func rows(hasOwnLeg: Bool) -> [[UnifiedColumn: JSONNode]] {
        let innermost = innermost(in: [])
        guard innermost != [[]] else { return [row(of: [])] }
        return innermost.enumerated().map { index, place in
            var row = row(of: place)
            if !hasOwnLeg { row[.leg] = .text(String(index + 1)) }
            return row
        }
    }

    private func innermost(in place: [Int]) -> [[Int]] {
        guard place.count + 1 < places.count else { return [place] }
        let inner = places[place.count + 1].filter { $0.starts(with: place) }
        return inner.isEmpty ? [place] : inner.flatMap(innermost)
    }

    private func row(of place: [Int]) -> [UnifiedColumn: JSONNode] {
        var row: [UnifiedColumn: JSONNode] = [:]
        for leaf in leaves where place.starts(with: leaf.place) {
            if let column = leaf.field.column, let cell = leaf.cell { row[column] = cell }
        }
        let extra = extra(place)
        if !extra.isEmpty { row[.extra] = .object(extra) }
        return row
    }

    /// What no column holds, in the record's order.
    private func extra(_ place: [Int]) -> [(name: String, value: JSONNode)] {
        var found: [(name: String, value: JSONNode)] = []
        for (name, value) in node.members {
            if uncovered.contains(name) { found.append((name, value)) }
            for leaf in leaves where leaf.steps.first == .key(name) {
                let isKept = leaf.field.column == nil || leaf.field.staysInExtra
                if isKept, place.starts(with: leaf.place), let wire = leaf.wire {
                    found.append((leaf.field.name, wire))
                }
            }
        }
        return found
    }

    private static func concrete(
        _ steps: ArraySlice<JSONPath.Step>, _ place: [Int]
    ) -> [JSONPath.Step] {
        var rest = place[...]
        return steps.map { $0 == .each ? .index(rest.popFirst() ?? 0) : $0 }
    }
}
