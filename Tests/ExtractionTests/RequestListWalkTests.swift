import BoundedDispatch
import ExportModel
import Testing

@testable import Extraction

@Suite struct RequestListWalkTests {
    private let doubt = ExtractionError(
        .authentication, code: ExtractionError.doubtfulAuthentication, message: "refused")

    @Test func everyIDIsAskedForOnceAndUnknownOnesAreNamed() throws {
        let walk = try run(["a", "b", "c", "d"]) { id in
            id == "b" ? .unknownID : .page(try legs(of: id))
        }
        #expect(walk.asked == ["a", "b", "c", "d"])
        let slice = try #require(walk.slices.first)
        #expect(walk.slices.count == 1)
        #expect(slice.range == nil)
        #expect(slice.rows.count == 6)
        #expect(slice.pages.map(\.requestID) == ["a", "c", "d"])
        #expect(slice.unknownRequestIDs == [UnknownRequestID(number: 2, id: "b")])
        #expect(slice.counts.reportedTotal == 6)
        #expect(walk.board.requestCount == 4)
        #expect(walk.board.isFinished)
    }

    @Test func nothingToAskIsFinished() throws {
        let walk = try run([]) { .page(try legs(of: $0)) }
        #expect(walk.slices.isEmpty)
        #expect(walk.board.isFinished)
    }

    @Test func aListGoesOnWhereItStopped() throws {
        let walk = try run(["a", "b", "c"], start: 2) { .page(try legs(of: $0)) }
        #expect(walk.asked == ["c"])
        #expect(walk.slices.first?.pages.map(\.number) == [3])
    }

    /// The list got shorter since: there is nothing to wait for.
    @Test(arguments: [3, 4, 99]) func aStartBehindTheEndIsFinished(start: Int) throws {
        let walk = try run(["a", "b", "c"], start: start) { .page(try legs(of: $0)) }
        #expect(walk.asked.isEmpty)
        #expect(walk.board.isFinished)
    }

    @Test func longListsComeInChunks() throws {
        let ids = (0..<RequestListWalk.chunkIDCount + 3).map { "id\($0)" }
        let walk = try run(ids) { _ in .unknownID }
        #expect(walk.slices.map(\.unknownRequestIDs.count) == [RequestListWalk.chunkIDCount, 3])
        #expect(walk.slices.last?.unknownRequestIDs.first?.number == 10_001)
    }

    // MARK: Refusals that may mean either

    @Test func doubtfulRefusalsAreUnknownIDsOnceOneSucceeds() throws {
        let walk = try run(["x", "y", "a", "z"]) { id in
            id == "a" ? .page(try legs(of: id)) : .failed(doubt)
        }
        #expect(walk.board.failure == nil)
        #expect(walk.slices.first?.unknownRequestIDs.map(\.id) == ["x", "y", "z"])
    }

    /// The credentials were revoked after the first answer: none of the others is unknown.
    @Test func refusalsAfterASuccessAreProvenBeforeTheyAreBelieved() throws {
        var isRevoked = false
        let walk = try run(["a"] + (0..<50).map { "x\($0)" }) { id in
            if id == "a", !isRevoked { return .page(try legs(of: id)) }
            isRevoked = true
            return .failed(doubt)
        }
        #expect(walk.board.failure?.code == "authentication_failed")
        #expect(walk.slices.isEmpty)
        #expect(walk.asked == ["a"] + (0..<10).map { "x\($0)" } + ["a"])
    }

    @Test func theLastRefusalsOfAChunkAreProvenToo() throws {
        let held = try run(["a", "x", "y"]) { id in
            id == "a" ? .page(try legs(of: id)) : .failed(doubt)
        }
        #expect(held.asked == ["a", "x", "y", "a"])
        #expect(held.slices.first?.unknownRequestIDs.map(\.id) == ["x", "y"])
        var count = 0
        let revoked = try run(["a", "x", "y"]) { id in
            count += 1
            return count == 1 ? .page(try legs(of: id)) : .failed(doubt)
        }
        #expect(revoked.board.failure?.kind == .authentication)
        #expect(revoked.slices.isEmpty)
    }

    /// Ten in a row at most between two proofs, however many there are.
    @Test func unknownIDsWithoutWordsCostATenthMore() throws {
        let ids = ["a"] + (0..<95).map { "x\($0)" }
        let walk = try run(ids) { $0 == "a" ? .page(try legs(of: $0)) : .failed(doubt) }
        #expect(walk.board.failure == nil)
        #expect(walk.slices.first?.unknownRequestIDs.count == 95)
        #expect(walk.asked.count == 96 + 10)
        #expect(walk.board.requestCount == 96 + 10)
    }

    /// An answer that was asked for before a refusal came says nothing of it.
    @Test func onlyLaterAnswersProve() throws {
        var board = RequestListWalk(ids: ["x", "a"], start: 0)
        guard case .item(let refused) = board.claim(.request),
            case .item(let answered) = board.claim(.request)
        else {
            Issue.record("two ids to ask for")
            return
        }
        board.complete(
            refused, with: .fetched(FetchedPage(content: .failed(doubt), requestCount: 1)))
        board.complete(
            answered,
            with: .fetched(FetchedPage(content: .page(try legs(of: "a")), requestCount: 1)))
        guard case .item(let proof) = board.claim(.request), case .page(let fetch) = proof.work
        else {
            Issue.record("a proof is needed")
            return
        }
        #expect(proof.part == .proof)
        #expect(fetch.number == 2)
        // Other lanes wait for it.
        guard case .wait = board.claim(.request) else {
            Issue.record("one proof at a time")
            return
        }
    }

    @Test func anEarlierRunsIDProves() throws {
        let walk = try run(["a"] + (0..<20).map { "x\($0)" }, start: 1, known: 0) { id in
            id == "a" ? .page(try legs(of: id)) : .failed(doubt)
        }
        #expect(walk.board.failure == nil)
        #expect(walk.slices.first?.unknownRequestIDs.count == 20)
    }

    @Test func anotherFailureOfTheProofEndsTheList() throws {
        let error = ExtractionError(.unreachable, code: "http_500", message: "no")
        var count = 0
        let walk = try run(["a", "x"]) { id in
            count += 1
            if id == "x" { return .failed(doubt) }
            return count == 1 ? .page(try legs(of: id)) : .failed(error)
        }
        #expect(walk.board.failure?.code == "http_500")
    }

    @Test func anUnknownIDProvesTheCredentialsToo() throws {
        let walk = try run(["x", "a"]) { $0 == "a" ? .unknownID : .failed(doubt) }
        #expect(walk.slices.first?.unknownRequestIDs.map(\.id) == ["x", "a"])
    }

    @Test(arguments: [1, 2, 10, 500]) func doubtsAloneAreAboutTheCredentials(count: Int) throws {
        let walk = try run((0..<count).map { "x\($0)" }) { _ in .failed(doubt) }
        #expect(walk.board.failure?.kind == .authentication)
        #expect(walk.board.failure?.code == "authentication_failed")
        #expect(walk.asked.count == min(count, RequestListWalk.maximumDoubtfulCount))
        #expect(walk.slices.isEmpty)
    }

    // MARK: Failures

    @Test func anyOtherFailureEndsTheList() throws {
        let error = ExtractionError(.unreachable, code: "http_500", message: "no")
        let walk = try run(["a", "b", "c"]) { id in
            id == "b" ? .failed(error) : .page(try legs(of: id))
        }
        #expect(walk.board.failure?.code == "http_500")
        #expect(walk.asked == ["a", "b"])
    }

    @Test func anAnswerThatHoldsLessThanItSaysIsNeverHandedOut() throws {
        let walk = try run(["a"]) { id in
            var page = try legs(of: id)
            page.total = 3
            return .page(page)
        }
        #expect(walk.board.failure?.kind == .unreconciled)
        #expect(walk.slices.isEmpty)
    }

    /// Two legs of a call at the same moment.
    private func legs(of id: String) throws -> IdentifiedPage {
        let body = ["b", "a"].map { #"{"leg":"\#($0)","to":9100000000,"time":1637069609000}"# }
        return try identified(
            #"{"count":2,"cdr":[\#(body.joined(separator: ","))],"code":200}"#,
            Catalog.requestIDs, total: 2, requestID: id)
    }

    private func run(
        _ ids: [String], start: Int = 0, known: Int? = nil,
        answer: (String) throws -> FetchedPage.Content
    ) throws -> (board: RequestListWalk, slices: [ExtractedSlice], asked: [String]) {
        var board = RequestListWalk(ids: ids, start: start, known: known)
        var slices: [ExtractedSlice] = []
        var asked: [String] = []
        while true {
            if case .item(.slice(let slice)) = board.collect() {
                slices.append(slice)
                continue
            }
            switch board.claimAny() {
            case .done: return (board, slices, asked)
            case .wait, .pause:
                throw ExtractionError(.unknownAnswer, code: "test", message: "the walk is stuck")
            case .item(let job):
                switch job.work {
                case .assemble(let pages, _):
                    let assembled = SliceAssembler.assemble(pages.compactMap { $0 }, range: nil)
                    board.complete(job, with: .assembled(assembled))
                case .page(let fetch):
                    let page = fetch
                    let id = ids[page.number - 1]
                    asked.append(id)
                    var content = try answer(id)
                    if case .page(let answered) = content {
                        content = .page(answered.numbered(page.number))
                    }
                    board.complete(
                        job, with: .fetched(FetchedPage(content: content, requestCount: 1)))
                }
            }
        }
    }
}
