import BoundedDispatch
import ExportModel

/// The board of a request list: one request for each id, handed out in chunks in the list's order.
struct RequestListWalk: LaneBoard, Sendable {
    /// Ids whose answers are sorted and journaled together; bounds memory.
    static let chunkIDCount = 10_000
    /// After so many refusals that may mean "unknown id" or "wrong credentials", the provider is
    /// asked again for an id that it knows.
    static let maximumDoubtfulCount = 10

    /// What a lane does.
    enum Job: Sendable {
        case page(PageJob)
        /// Asks for a known id again: an answer shows that the refusals at these places were about
        /// their ids.
        case proof(PageJob, of: [Int])
        case assemble([IdentifiedPage])
    }

    /// What a lane brings back.
    enum Outcome: Sendable {
        case fetched(FetchedPage)
        case assembled(AssembledSlice)
    }

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
    private var pages: [Int: IdentifiedPage] = [:]
    private var unknown: Set<Int> = []
    private var doubtful: [Int: Doubt] = [:]
    /// Place of an id that the provider has answered for.
    private var known: Int?
    private var isProving = false
    private var isAssembling = false
    private var assembled: ExtractedSlice?
    private(set) var failure: ExtractionError?
    private(set) var requestCount = 0

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

    mutating func claim(_ kind: LaneKind) -> LaneClaim<Job> {
        if failure != nil || isFinished { return .done }
        if let known, needsProof {
            isProving = true
            let job = PageJob(subject: .requestID(ids[known]), number: known + 1, expectation: nil)
            return .item(.proof(job, of: Array(doubtful.keys)))
        }
        if next < chunkEnd {
            defer { next += 1 }
            return .item(
                .page(
                    PageJob(subject: .requestID(ids[next]), number: next + 1, expectation: nil)))
        }
        if assembled == nil, !isAssembling, answeredCount == chunkEnd - chunkStart {
            isAssembling = true
            return .item(.assemble(pages.keys.sorted().compactMap { pages[$0] }))
        }
        return .wait
    }

    mutating func complete(_ job: Job, with outcome: Outcome) {
        switch (job, outcome) {
        case (.page(let page), .fetched(let fetched)):
            requestCount += fetched.requestCount
            receive(fetched.content, index: page.number - 1)
        case (.proof(_, let places), .fetched(let fetched)):
            requestCount += fetched.requestCount
            isProving = false
            judge(places, by: fetched.content)
        case (.assemble, .assembled(let result)): receive(result)
        default: return
        }
    }

    mutating func collect() -> LaneClaim<ExtractedSlice> {
        if failure != nil { return .done }
        if let slice = assembled {
            assembled = nil
            isAssembling = false
            chunkStart = chunkEnd
            pages = [:]
            unknown = []
            return .item(slice)
        }
        return isFinished ? .done : .wait
    }

    private var chunkEnd: Int { min(chunkStart + Self.chunkIDCount, ids.count) }

    private var answeredCount: Int { pages.count + unknown.count }

    private mutating func receive(_ content: FetchedPage.Content, index: Int) {
        switch content {
        case .page(let page):
            if page.isSuspect {
                failure = .unreconciled(reported: page.total, found: page.rowCount, rounds: 1)
            }
            pages[index] = page
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
        if doubtful.isEmpty || isProving { return false }
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
        ExtractionError(.authentication, code: "authentication_failed", message: doubt.message)
    }

    private mutating func receive(_ result: AssembledSlice) {
        var slice = result.slice
        slice.counts.reportedTotal = pages.values.reduce(0) { $0 + $1.total }
        slice.unknownRequestIDs = unknown.sorted().map {
            UnknownRequestID(number: $0 + 1, id: ids[$0])
        }
        if result.foundCount != slice.counts.reportedTotal {
            failure = .unreconciled(
                reported: slice.counts.reportedTotal, found: result.foundCount, rounds: 1)
        }
        assembled = slice
    }
}
