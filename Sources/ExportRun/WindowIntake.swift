import ExportModel
import Extraction
import Logging
import PartitionWriting
import RunLedger
import Transformation

/// Takes the slices of one window as they are verified: journals them, types their rows, and
/// appends them to the staged partition. For one thread.
final class WindowIntake {
    /// Keeps the slices until the publication is recorded.
    let journal: PageJournal
    /// Added up over the slices.
    private(set) var counts = ExtractionCounts()
    private(set) var rejectReasons: [Reject.Reason: Int] = [:]
    /// The journal could not be read any more, so the window starts from the beginning.
    private(set) var wasReset = false
    /// Why the window is published although it is not reconciled.
    private(set) var mismatch: ExtractionError?

    private let reach: @Sendable (CrashPoint) -> Void
    private let publisher: PartitionPublisher
    private let description: PartitionDescription
    private let transformer: RowTransformer
    private let mostRejects: Int?
    private let verifiedBy: VerificationBasis
    private var staged: StagedPartition
    private var firstStartedAt: Timestamp?
    private var lastStartedAt: Timestamp?

    init(
        _ recorder: WindowRecorder, window: Window, journal: PageJournal
    ) throws(ExportError) {
        let (stream, publisher) = (recorder.stream, recorder.shared.publisher)
        let description = recorder.description(of: window)
        self.publisher = publisher
        self.description = description
        reach = recorder.shared.environment.onReaching
        self.journal = journal
        verifiedBy = stream.isDrain ? .drain : stream.requests == nil ? .total : .requestIDs
        mostRejects = stream.extract.maxRejects
        transformer = RowTransformer(
            endpoint: stream.endpoint, plan: stream.columns, account: recorder.account,
            sourceZone: stream.sourceZone)
        staged = try publishing { () throws(PartitionError) in try publisher.stage(description) }
    }

    /// Takes what an earlier run journaled.
    ///
    /// - Parameter rebuild: makes the slice again from its pages; an error gives up the journal.
    func replay(
        _ rebuild: (JournaledSlice) throws(ExtractionError) -> ExtractedSlice
    ) throws(ExportError) {
        guard
            let reader = try storing({ () throws(LedgerError) in try journal.makeReader() })
        else { return }
        while let slice = try storing({ () throws(LedgerError) in try reader.next() }) {
            let rebuilt: ExtractedSlice
            do throws(ExtractionError) {
                rebuilt = try rebuild(slice)
            } catch {
                wasReset = true
                try restart()
                return
            }
            try append(rebuilt, counts: slice.counts)
        }
    }

    /// Takes an event of a window's walk. The last slice is not journaled: nothing is asked for
    /// between it and the publication.
    func take(_ event: WindowExtractor.Event, of window: TimeRange) throws(ExportError) {
        switch event {
        case .restart: try restart()
        case .unreconciled(let error): mismatch = error
        case .slice(let slice):
            reach(.sliceReceived)
            if let range = slice.range, range.end < window.end {
                try append(toJournal: slice, requests: nil)
            }
            try append(slice, counts: slice.counts)
        }
    }

    /// Takes a chunk of a request list.
    func take(_ event: WindowExtractor.Event, ids: [String]) throws(ExportError) {
        switch event {
        case .restart: try restart()
        case .unreconciled(let error): mismatch = error
        case .slice(let slice):
            reach(.sliceReceived)
            let numbers = slice.pages.map(\.number) + slice.unknownRequestIDs.map(\.number)
            let first = (numbers.min() ?? 1) - 1
            let end = numbers.max() ?? 0
            if end < ids.count { try append(toJournal: slice, requests: first..<end) }
            try append(slice, counts: slice.counts)
        }
    }

    /// Takes rows that are journaled elsewhere.
    func take(_ slice: ExtractedSlice) throws(ExportError) {
        try append(slice, counts: slice.counts)
    }

    /// Makes the partition durable and visible.
    func publish(at moment: Timestamp) throws(ExportError) -> PublishedPartition {
        let summary = ExtractionSummary(
            counts: counts, verifiedBy: verifiedBy, firstStartedAt: firstStartedAt,
            lastStartedAt: lastStartedAt, extractedAt: moment, isReconciled: mismatch == nil)
        return try publishing { () throws(PartitionError) in
            let prepared = try staged.prepare(summary)
            reach(.partitionPrepared)
            let published = try prepared.publish()
            reach(.partitionPublished)
            return published
        }
    }

    /// Removes what was staged; what cannot be removed now is removed by the next run.
    func abandon(logger: Logger) {
        do {
            try staged.abandon()
        } catch {
            logger.warning("staged files stay until the next run: \(error.message)")
        }
    }

    private func restart() throws(ExportError) {
        try storing { () throws(LedgerError) in try journal.remove() }
        let (former, publisher, description) = (staged, publisher, description)
        staged = try publishing { () throws(PartitionError) in
            try former.abandon()
            return try publisher.stage(description)
        }
        counts = ExtractionCounts()
        rejectReasons = [:]
        firstStartedAt = nil
        lastStartedAt = nil
    }

    private func append(
        toJournal slice: ExtractedSlice, requests: Range<Int>?
    ) throws(ExportError) {
        let journaled = JournaledSlice(
            range: slice.range, requests: requests, counts: slice.counts,
            pages: slice.pages.map {
                JournaledPage(number: $0.number, requestID: $0.requestID, body: $0.body)
            }, foreign: slice.foreign)
        try storing { () throws(LedgerError) in try journal.append(journaled) }
        reach(.sliceJournaled)
    }

    private func append(
        _ slice: ExtractedSlice, counts sliceCounts: ExtractionCounts
    ) throws(ExportError) {
        let transformed = transformer.transform(slice)
        counts += sliceCounts
        for reject in transformed.rejects { rejectReasons[reject.reason, default: 0] += 1 }
        try checkRejects()
        firstStartedAt = [firstStartedAt, transformed.firstStartedAt].compactMap { $0 }.min()
        lastStartedAt = [lastStartedAt, transformed.lastStartedAt].compactMap { $0 }.max()
        let staged = staged
        try publishing { () throws(PartitionError) in
            try staged.append(transformed.batch)
            try staged.append(transformed.rejects)
        }
        reach(.sliceStaged)
    }

    /// Unknown request ids are no faulty records, so they do not count.
    private func checkRejects() throws(ExportError) {
        let faulty = rejectReasons.filter { $0.key != .unknownRequestID }
        let count = faulty.values.reduce(0, +)
        guard let mostRejects, count > mostRejects else { return }
        let reasons = faulty.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { "\($0.value) \($0.key.rawValue)" }.joined(separator: ", ")
        throw ExportError(
            .tooManyRejects, code: "too_many_rejects",
            message: """
                \(count) records do not fit the schema (\(reasons)), at most \(mostRejects) are \
                allowed; raise `max_rejects` to publish the others, or look at the records with \
                `max_rejects: none` into another `--out`
                """)
    }
}

extension PageBody {
    /// A page as the journal kept it.
    init(journaled page: JournaledPage) {
        self.init(number: page.number, requestID: page.requestID, body: page.body)
    }
}
