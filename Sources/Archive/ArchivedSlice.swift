public import ExportModel

/// What the archive keeps of one verified slice (or of one response of a drain): enough to make its
/// rows again without a request.
public struct ArchivedSlice: Hashable, Sendable {
    /// What was asked for without padding; nil for a request list or a drain.
    public var range: TimeRange?
    /// Places in the window's request list; nil where there is none.
    public var requests: Range<Int>?
    public var counts: ExtractionCounts
    /// In the order of their numbers.
    public var pages: [ArchivedPage]
    /// ``ExtractedSlice/foreign``: the provider's answer to that is not kept.
    public var foreign: [RowReference]

    public init(
        range: TimeRange?, requests: Range<Int>? = nil, counts: ExtractionCounts,
        pages: [ArchivedPage], foreign: [RowReference] = []
    ) {
        self.foreign = foreign
        self.range = range
        self.requests = requests
        self.counts = counts
        self.pages = pages
    }

    /// Of the bodies.
    var byteCount: Int { pages.reduce(0) { $0 + $1.body.count } }
}
