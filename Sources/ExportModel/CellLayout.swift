/// The cells that a record is cut into: one for the first source of each field, in the order of the
/// fields, then those of their other sources, then the list that is expanded.
public struct CellLayout: Hashable, Sendable {
    /// Where each cell's value lies in a record.
    public let paths: [JSONPath]
    /// The cells whose value counts where a field's own is missing or null, in the order they do.
    public let alternatives: [Alternative]
    /// The cell of the list that is expanded; nil where a record is one row.
    public let list: Int?

    /// A cell that stands for another.
    public struct Alternative: Hashable, Sendable {
        public let cell: Int
        public let other: Int
    }

    /// The alternatives of fields that lie in the record alone. Those of others are chosen when its
    /// list is expanded.
    public var ofRecords: [Alternative] {
        let inner = Set(
            alternatives.filter { paths[$0.cell].hasEach || paths[$0.other].hasEach }.map(\.cell))
        return alternatives.filter { !inner.contains($0.cell) }
    }

    /// - Parameter expand: ``ResponseShape/expand``.
    public init(_ fields: [Field], expand: JSONPath? = nil) {
        var paths = fields.map { $0.sources.first ?? JSONPath([$0.name]) }
        var alternatives: [Alternative] = []
        for (field, sources) in fields.map(\.sources).enumerated() {
            for source in sources.dropFirst() {
                alternatives.append(Alternative(cell: field, other: paths.count))
                paths.append(source)
            }
        }
        list = expand == nil ? nil : paths.count
        if let expand {
            paths.append(JSONPath(steps: Array(expand.steps.prefix { $0 != .each })))
        }
        self.paths = paths
        self.alternatives = alternatives
    }
}
