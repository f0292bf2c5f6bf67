import BoundedDispatch
import ExportModel

/// The board of a request list: one request for each id, handed out in chunks in the list's order.
struct RequestListWalk: PageWalk {
    /// Ids whose answers are sorted and archived together; bounds memory.
    static let chunkIDCount = 10_000
    /// After so many refusals that may mean "unknown id" or "wrong credentials", the provider is
    /// asked again for an id that it knows.
    static let maximumDoubtfulCount = 10

    /// A refusal that may mean either.
    private struct Doubt {
        var error: ExtractionError
        /// Ids from this place on were asked for later: an answer for one of them shows that the
        /// credentials still held.
        var askedBefore: Int
    }

    private let ids: [String]
    /// Index of the first id of the chunk at work, and of the one to ask for next.
    private var chunkStart: Int
    private var next: Int
    /// Of the chunk's ids, in the list's order; nil where there is none, or not yet.
    private var pages: [IdentifiedPage?] = []
    private var pageCount = 0
    private var reportedTotal = 0
    private(set) var heldByteCount = 0
    private var unknown: Set<Int> = []
    private var doubtful: [Int: Doubt] = [:]
    /// Place of an id that the provider has answered for.
    private var known: Int?
    /// Places whose refusals the id that is asked for again decides on.
    private var proving: [Int]?
    private var isAssembling = false
    private var assembled: ExtractedSlice?
    private(set) var failure: ExtractionError?
    private(set) var requestCount = 0
    /// Ids have no pages that records could move between.
    let rewalkCount = 0

    /// - Parameters:
    ///   - start: ids before it are done already.
    ///   - known: place of an id that the provider answered an earlier run for.
    init(ids: [String], start: Int, known: Int? = nil) {
        self.ids = ids
        self.known = known.flatMap { ids.indices.contains($0) ? $0 : nil }
        chunkStart = min(start, ids.count)
        next = chunkStart
    }

    /// Whether every id has been handed out.
    var isFinished: Bool { chunkStart == ids.count && assembled == nil }

    mutating func claim(_ kind: LaneKind) -> LaneClaim<WalkJob> {
        if failure != nil || isFinished { return .done }
        if kind == .compute {
            guard assembled == nil, !isAssembling, answeredCount == chunkEnd - chunkStart else {
                return .wait
            }
            isAssembling = true
            defer { pages = [] }
            return .item(WalkJob(part: .id, work: .assemble(pages, range: nil)))
        }
        if let known, needsProof {
            proving = Array(doubtful.keys)
            return .item(WalkJob(part: .proof, work: fetch(known, isRepeat: true)))
        }
        if next < chunkEnd {
            defer { next += 1 }
            return .item(WalkJob(part: .id, work: fetch(next)))
        }
        return .wait
    }

    private func fetch(_ index: Int, isRepeat: Bool = false) -> WalkJob.Work {
        .page(PageFetch(.requestID(ids[index]), number: index + 1, isRepeat: isRepeat))
    }

    mutating func complete(_ job: WalkJob, with outcome: WalkOutcome) {
        switch outcome {
        case .again: return
        case .assembled(let result): receive(result)
        case .fetched(let fetched):
            requestCount += fetched.requestCount
            guard case .page(let fetch) = job.work else { return }
            if job.part == .proof {
                judge(proving ?? [], by: fetched.content)
                proving = nil
            } else {
                receive(fetched.content, index: fetch.number - 1)
            }
        }
    }

    mutating func collect() -> LaneClaim<WalkEvent> {
        if failure != nil { return .done }
        if let slice = assembled {
            assembled = nil
            isAssembling = false
            chunkStart = chunkEnd
            (pageCount, reportedTotal, heldByteCount) = (0, 0, 0)
            unknown = []
            return .item(.slice(slice))
        }
        return isFinished ? .done : .wait
    }

    private var chunkEnd: Int { min(chunkStart + Self.chunkIDCount, ids.count) }

    private var answeredCount: Int { pageCount + unknown.count }

    private mutating func receive(_ content: FetchedPage.Content, index: Int) {
        switch content {
        case .page(let page):
            if page.isSuspect {
                failure = .unreconciled(reported: page.total, found: page.rowCount, rounds: 1)
            }
            while pages.count <= index - chunkStart { pages.append(nil) }
            pages[index - chunkStart] = page
            pageCount += 1
            reportedTotal += page.total
            heldByteCount += page.memoryByteCount
            succeed(index)
        case .unknownID:
            unknown.insert(index)
            succeed(index)
        case .failed(let error) where error.code == ExtractionError.doubtfulAuthentication:
            doubt(error, index: index)
        case .failed(let error):
            failure = failure ?? error
        }
    }

    /// The credentials held when this id was asked for, so refusals before were about the ids.
    private mutating func succeed(_ index: Int) {
        known = index
        believe(doubtful.filter { $0.value.askedBefore <= index }.map(\.key))
    }

    private mutating func believe(_ places: [Int]) {
        for place in places where doubtful.removeValue(forKey: place) != nil {
            unknown.insert(place)
        }
    }

    private mutating func doubt(_ error: ExtractionError, index: Int) {
        doubtful[index] = Doubt(error: error, askedBefore: next)
        if known != nil { return }
        if doubtful.count == Self.maximumDoubtfulCount || doubtful.count == ids.count - chunkStart {
            failure = Self.refusal(error)
        }
    }

    /// Whether there are doubts that only a known id can settle: many, or the last of the chunk.
    private var needsProof: Bool {
        if doubtful.isEmpty || proving != nil { return false }
        return doubtful.count >= Self.maximumDoubtfulCount
            || answeredCount + doubtful.count == chunkEnd - chunkStart
    }

    private mutating func judge(_ places: [Int], by content: FetchedPage.Content) {
        switch content {
        case .page, .unknownID: believe(places)
        case .failed(let error) where error.code == ExtractionError.doubtfulAuthentication:
            failure = failure ?? Self.refusal(error)
        case .failed(let error): failure = failure ?? error
        }
    }

    private static func refusal(_ doubt: ExtractionError) -> ExtractionError {
        ExtractionError(.authentication, code: .authenticationFailed, message: doubt.message)
    }

    private mutating func receive(_ result: AssembledSlice) {
        var slice = result.slice
        slice.counts.reportedTotal = reportedTotal
        slice.unknownRequestIDs = unknown.sorted().map {
            UnknownRequestID(number: $0 + 1, id: ids[$0])
        }
        if result.hasConflict {
            failure = ExtractionError(
                .unreconciled, code: .unreconciled,
                message: "the response to one id has different records with the same key")
        } else if result.foundCount != slice.counts.reportedTotal {
            failure = .unreconciled(
                reported: slice.counts.reportedTotal, found: result.foundCount, rounds: 1)
        }
        assembled = slice
    }
}
