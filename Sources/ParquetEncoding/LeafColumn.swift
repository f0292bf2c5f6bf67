/// A column as Parquet stores it: one primitive leaf of the schema. Notes have three.
struct LeafColumn: Hashable, Sendable {
    /// Names from the root to the leaf.
    var path: [String]
    var type: LogicalType
    /// Level of a value that is there; 0 where nothing on the path is optional or repeated.
    var maxDefinitionLevel: Int
    /// 1 inside a list, else 0.
    var maxRepetitionLevel: Int

    /// For messages.
    var name: String { path.joined(separator: ".") }
}
