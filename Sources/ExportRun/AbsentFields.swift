import ExportModel

/// Notices documented fields that no record of a window has: most likely their name in the entry is
/// misspelt, and the column would be null for ever.
struct AbsentFields {
    /// Fewer records say little about what a provider sends.
    static let minimumRecordCount = 20

    private let fields: [Field]
    private var occurring: Set<Int> = []
    private var recordCount = 0

    init(of endpoint: Endpoint) {
        fields = endpoint.fields
    }

    /// - Parameters:
    ///   - occurring: indices of the fields that some of the records have.
    ///   - recordCount: how many records they are.
    mutating func add(occurring: Set<Int>, recordCount: Int) {
        self.occurring.formUnion(occurring)
        self.recordCount += recordCount
    }

    /// The provider's names of the fields that should have occurred.
    var names: [String] {
        if recordCount < Self.minimumRecordCount { return [] }
        return fields.indices.filter { !occurring.contains($0) && !fields[$0].mayBeAbsent }
            .map { fields[$0].name }
    }
}
