import Compression
import ExportModel
import Extraction
import Transformation

/// What the records of one account window add up to.
struct AccountSummary: Sendable {
    /// Added up over the slices.
    var counts = ExtractionCounts()
    var rejects = RejectTally()
    var absentFields: AbsentFields
    var rowCount = 0
    /// Records that are no rows.
    var rejectCount = 0
    var firstStartedAt: Timestamp?
    var lastStartedAt: Timestamp?

    fileprivate mutating func add(
        _ slice: ExtractedSlice, counts: ExtractionCounts, as transformed: TransformedSlice
    ) {
        self.counts += counts
        rejects.add(transformed.rejects)
        rejectCount += transformed.rejects.count
        absentFields.add(
            occurring: transformed.occurringFields,
            recordCount: slice.rows.count + slice.unidentified.count)
        firstStartedAt = [firstStartedAt, transformed.firstStartedAt].compactMap { $0 }.min()
        lastStartedAt = [lastStartedAt, transformed.lastStartedAt].compactMap { $0 }.max()
    }
}

/// Types the rows of one account window, judges them, and hands them to the partition that is being
/// made, if one is.
struct AccountIntake {
    private(set) var summary: AccountSummary
    /// Where the rows go; nil where they are only judged.
    let build: PartitionBuild?

    private let stream: Stream
    private let account: String
    private let transformer: RowTransformer

    init(_ stream: Stream, account: String, into build: PartitionBuild?) {
        self.stream = stream
        self.account = account
        self.build = build
        summary = AccountSummary(absentFields: AbsentFields(of: stream.endpoint))
        transformer = RowTransformer(
            endpoint: stream.endpoint, plan: stream.columns, account: account,
            sourceZone: stream.sourceZone)
    }

    /// Takes a slice.
    ///
    /// - Parameter counts: what falls to it of the window's.
    mutating func append(_ slice: ExtractedSlice, counts: ExtractionCounts) throws(ExportError) {
        var rowCount = 0
        let transformed = try transformer.transform(slice) { (rows) throws(ExportError) in
            try build?.append(rows, of: account)
            rowCount += rows.batch.rowCount
        }
        try build?.append(transformed.rejects, of: account)
        summary.rowCount += rowCount
        summary.add(slice, counts: counts, as: transformed)
    }

    /// Forgets all slices.
    mutating func restart() throws(ExportError) {
        try build?.restart()
        summary = AccountSummary(absentFields: AbsentFields(of: stream.endpoint))
    }

    /// Blocks of the partition for other lanes to compress, before the next slice is taken.
    func takeCompressionJobs() -> [CompressionJob] { build?.takeCompressionJobs() ?? [] }

    /// - Parameter isWhole: whether all records are here, so that their share counts.
    /// - Throws: `too_many_rejects`.
    func checkRejects(isWhole: Bool) throws(ExportError) {
        let failure = summary.rejects.failure(
            of: stream.extract.maxRejects, rowCount: summary.rowCount, isWhole: isWhole)
        if let failure { throw failure }
    }
}
