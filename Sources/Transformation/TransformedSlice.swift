public import ExportModel

/// The rows of one slice as typed columns, and the records that did not fit.
public struct TransformedSlice: Sendable {
    /// In the order of ``ExtractedSlice/rows``, without the rejects.
    public var batch: RecordBatch
    /// A hash of each row's key, see ``ExtractedSlice/keyHashes``.
    public var keyHashes: [UInt64]
    /// By page, then by row.
    public var rejects: [Reject]
    /// Earliest and latest start among the rows of ``batch``; nil where it is empty.
    public var firstStartedAt: Timestamp?
    public var lastStartedAt: Timestamp?

    /// Indices of the documented fields that some record has, rejects included.
    public var occurringFields: Set<Int>

    public init(
        batch: RecordBatch, keyHashes: [UInt64] = [], rejects: [Reject],
        firstStartedAt: Timestamp?, lastStartedAt: Timestamp?, occurringFields: Set<Int>
    ) {
        self.batch = batch
        self.keyHashes = keyHashes
        self.rejects = rejects
        self.firstStartedAt = firstStartedAt
        self.lastStartedAt = lastStartedAt
        self.occurringFields = occurringFields
    }
}
