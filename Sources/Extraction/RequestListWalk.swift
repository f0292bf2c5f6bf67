import BoundedDispatch
import ExportModel

/// The board of a request list: one request for each id, handed out in chunks in the list's order.
struct RequestListWalk: LaneBoard, Sendable {
    /// Ids whose answers are sorted and journaled together; bounds memory.
    static let chunkIDCount = 10_000
    /// Refusals that may mean "unknown id" are believed to be about the credentials after so many
    /// without a single success.
    static let mostDoubtfulIDs = 10

    /// What a lane does.
    enum Job: Sendable {
        case page(PageJob)
        case assemble([IdentifiedPage])
    }

    /// What a lane brings back.
    enum Outcome: Sendable {
        case fetched(FetchedPage)
        case assembled(AssembledSlice)
    }

    private let ids: [String]
    /// Index of the first id of the chunk at work, and of the one to ask for next.
    private var chunkStart: Int
    private var next: Int
    private var pages: [Int: IdentifiedPage] = [:]
    private var unknown: Set<Int> = []
    private var doubtful: [Int: ExtractionError] = [:]
    private var hasSucceeded = false
    private var isAssembling = false
    private var assembled: ExtractedSlice?
    private(set) var failure: ExtractionError?
    private(set) var requestCount = 0

    /// - Parameter start: ids before it are done already.
    init(ids: [String], start: Int) {
        self.ids = ids
        chunkStart = min(start, ids.count)
        next = chunkStart
    }

    /// Whether every id has been handed out.
    var isFinished: Bool { chunkStart == ids.count && assembled == nil }

    mutating func claim(_ kind: LaneKind) -> LaneClaim<Job> {
        if failure != nil || isFinished { return .done }
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
            succeed()
        case .unknownID:
            unknown.insert(index)
            succeed()
        case .failed(let error) where error.code == ExtractionError.doubtfulAuthentication:
            doubt(error, index: index)
        case .failed(let error):
            failure = failure ?? error
        }
    }

    /// The credentials work, so refusals of single ids were about the ids.
    private mutating func succeed() {
        hasSucceeded = true
        unknown.formUnion(doubtful.keys)
        doubtful = [:]
    }

    private mutating func doubt(_ error: ExtractionError, index: Int) {
        if hasSucceeded {
            unknown.insert(index)
            return
        }
        doubtful[index] = error
        if doubtful.count == Self.mostDoubtfulIDs || doubtful.count == ids.count - chunkStart {
            failure = ExtractionError(
                .authentication, code: "authentication_failed", message: error.message)
        }
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
