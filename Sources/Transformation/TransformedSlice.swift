public import ExportModel

/// Some rows of a slice as typed columns.
public struct TransformedRows: Sendable {
    /// In the order of ``ExtractedSlice/rows``, without the rejects.
    public var batch: RecordBatch
    /// A hash of each row's key, see ``ExtractedSlice/keyHashes``.
    public var keyHashes: [UInt64]
    /// Earliest and latest start among them; nil where there are none.
    var firstStartedAt: Timestamp?
    var lastStartedAt: Timestamp?
}

/// What a slice holds besides the rows that fit.
public struct TransformedSlice: Sendable {
    /// The records that did not fit, by page, then by row.
    public var rejects: [Reject]
    /// Earliest and latest start among the rows that fit; nil where there are none.
    public var firstStartedAt: Timestamp?
    public var lastStartedAt: Timestamp?
    /// Indices of the documented fields that some record has, rejects included.
    public var occurringFields: Set<Int>
}
