public import ExportModel

/// The rows of one slice as typed columns, and the records that did not fit.
public struct TransformedSlice: Sendable {
    /// In the order of ``ExtractedSlice/rows``, without the rejects.
    public var batch: RecordBatch
    /// By page, then by row.
    public var rejects: [Reject]
    /// Earliest and latest start among the rows of ``batch``; nil where it is empty.
    public var firstStartedAt: Timestamp?
    public var lastStartedAt: Timestamp?

    /// Indices of the documented fields that some record has, rejects included.
    public var occurringFields: Set<Int>

    public init(
        batch: RecordBatch, rejects: [Reject], firstStartedAt: Timestamp?,
        lastStartedAt: Timestamp?, occurringFields: Set<Int>
    ) {
        self.batch = batch
        self.rejects = rejects
        self.firstStartedAt = firstStartedAt
        self.lastStartedAt = lastStartedAt
        self.occurringFields = occurringFields
    }
}
