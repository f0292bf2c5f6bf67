/// The table that holds a stream in a target, as loads made it.
public struct LoadedTable: Hashable, Sendable {
    /// A column as the table has it.
    public struct Column: Hashable, Sendable {
        public var name: String
        /// ``ColumnType/name``
        public var type: String
        public var isNullable: Bool

        public init(name: String, type: String, isNullable: Bool) {
            self.name = name
            self.type = type
            self.isNullable = isNullable
        }
    }

    public var stream: String
    /// As the load named it, perhaps qualified.
    public var name: String
    /// In the order they were added.
    public var columns: [Column]

    public init(stream: String, name: String, columns: [Column]) {
        self.stream = stream
        self.name = name
        self.columns = columns
    }
}
