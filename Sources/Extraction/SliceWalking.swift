import BoundedDispatch
import ExportModel

/// Decides which pages of one slice are asked for next, and when the slice is verified.
///
/// A pure value: pages in, decisions out. A walk takes one or more rounds; results of an earlier
/// round are ignored.
protocol SliceWalking: Sendable {
    /// `[start, end)` of the rows that count.
    var range: TimeRange { get }
    /// Counts rounds; results of earlier ones are ignored.
    var round: Int { get }
    /// How often what was read is thrown away, to be read again.
    var rewalkCount: Int { get }
    /// Memory of the pages of this round.
    var heldByteCount: Int { get }
    /// Pages that lanes may take now.
    var unclaimedPageCount: Int { get }
    /// Adds what the walk shows of the window's chains.
    func teach(_ cutting: inout ChainCutting)
    /// Takes note of what other slices showed of the window's chains.
    mutating func note(_ cutting: ChainCutting)
    /// The next page to ask for; nil when there is none before something completes.
    mutating func claimPage() -> PageFetch?
    /// The pages to put together; nil as long as some are missing or were not confirmed.
    mutating func claimAssembly() -> [IdentifiedPage?]?
    /// A page arrived that was claimed in `round`.
    mutating func receive(_ page: IdentifiedPage, round: Int) -> SliceDecision
    /// A page that was claimed in `round` cannot be had.
    mutating func receive(_ error: ExtractionError, page number: Int, round: Int) -> SliceDecision
    /// The pages of `round` were put together.
    mutating func receive(_ assembled: AssembledSlice, round: Int) -> SliceDecision
}

/// What the walk of a slice has come to after an event.
enum SliceDecision: Sendable {
    case goOn
    /// Walk these parts instead, in this order.
    case split([TimeRange])
    /// Walk these parts instead, in this order; what was read of them need only be read again.
    case divided([ChainPart])
    /// With a mismatch only where the rules say that it is published.
    case verified(AssembledSlice)
    case failed(ExtractionError)
}

/// Records of a walk that are not as many as the provider reports.
struct SliceMismatch: Sendable {
    let reported: Int
    let assembled: AssembledSlice

    /// Whether two walks in a row had the same records and total, so that another does not help.
    func isSame(as former: SliceMismatch) -> Bool {
        former.reported == reported && former.assembled.foundCount == assembled.foundCount
            && former.assembled.slice.keyHashes == assembled.slice.keyHashes
            && !assembled.hasConflict
    }

    /// What becomes of the slice where it stays so.
    func decision(rounds: Int, policy: MismatchPolicy) -> SliceDecision {
        let error = ExtractionError.unreconciled(
            reported: reported, found: assembled.foundCount,
            repeats: assembled.slice.counts.duplicates, rounds: rounds, policy: policy)
        guard policy == .publish else { return .failed(error) }
        return .verified(assembled.reporting(reported, mismatch: error))
    }
}

/// A part of a chain's time.
struct ChainPart: Sendable {
    var range: TimeRange
    /// A walk that has read all of the part's records, and may have read others; nil: none has.
    var former: ChainPass?
}

extension WalkRules {
    /// The walk of a slice.
    ///
    /// - Parameters:
    ///   - asked: the range with its padding.
    ///   - mayCut: false where parts of the range would not answer the question.
    ///   - former: see ``ChainPart/former``.
    func walk(
        _ range: TimeRange, asked: TimeRange, mayCut: Bool = true,
        cutting: ChainCutting = ChainCutting(), former: ChainPass? = nil
    ) -> any SliceWalking {
        if !walksChains {
            return SliceWalk(range: range, asked: asked, rules: self, mayCut: mayCut)
        }
        return ChainWalk(
            range: range, asked: asked, rules: self, mayCut: mayCut, cutting: cutting,
            former: former)
    }
}

extension SliceWalking {
    /// The next piece of work for a lane of this kind.
    mutating func claim(_ kind: LaneKind, as identifier: Int) -> WalkJob? {
        let work: WalkJob.Work? =
            switch kind {
            case .request: claimPage().map { .page($0) }
            case .compute: claimAssembly().map { .assemble($0, range: range) }
            case .storage: nil
            }
        return work.map { WalkJob(part: .slice(identifier), round: round, work: $0) }
    }

    /// Takes what a lane brought back.
    mutating func decide(on outcome: WalkOutcome, of job: WalkJob) -> SliceDecision {
        switch outcome {
        case .again: .goOn
        case .assembled(let assembled): receive(assembled, round: job.round)
        case .fetched(let fetched):
            switch fetched.content {
            case .page(let page): receive(page, round: job.round)
            case .failed(let error): receive(error, page: job.pageNumber, round: job.round)
            case .unknownID: .failed(.unknownIDWithoutID)
            }
        }
    }
}

extension WalkJob {
    /// Number of the page that is asked for; 0 where none is.
    fileprivate var pageNumber: Int {
        if case .page(let fetch) = work { fetch.number } else { 0 }
    }
}
