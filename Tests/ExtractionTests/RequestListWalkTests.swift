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

    @Test func anUnknownIDProvesTheCredentialsToo() throws {
        let walk = try run(["x", "a"]) { $0 == "a" ? .unknownID : .failed(doubt) }
        #expect(walk.slices.first?.unknownRequestIDs.map(\.id) == ["x", "a"])
    }

    @Test(arguments: [1, 2, 10, 500]) func doubtsAloneAreAboutTheCredentials(count: Int) throws {
        let walk = try run((0..<count).map { "x\($0)" }) { _ in .failed(doubt) }
        #expect(walk.board.failure?.kind == .authentication)
        #expect(walk.board.failure?.code == "authentication_failed")
        #expect(walk.asked.count == min(count, RequestListWalk.mostDoubtfulIDs))
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
        _ ids: [String], start: Int = 0,
        answer: (String) throws -> FetchedPage.Content
    ) throws -> (board: RequestListWalk, slices: [ExtractedSlice], asked: [String]) {
        var board = RequestListWalk(ids: ids, start: start)
        var slices: [ExtractedSlice] = []
        var asked: [String] = []
        while true {
            if case .item(let slice) = board.collect() {
                slices.append(slice)
                continue
            }
            switch board.claim(.request) {
            case .done: return (board, slices, asked)
            case .wait, .pause:
                throw ExtractionError(.unknownAnswer, code: "test", message: "the walk is stuck")
            case .item(let job):
                switch job {
                case .assemble(let pages):
                    board.complete(
                        job, with: .assembled(SliceAssembler.assemble(pages, range: nil)))
                case .page(let page):
                    let id = ids[page.number - 1]
                    asked.append(id)
                    var content = try answer(id)
                    if case .page(var answered) = content {
                        answered.page.number = page.number
                        content = .page(answered)
                    }
                    board.complete(
                        job, with: .fetched(FetchedPage(content: content, requestCount: 1)))
                }
            }
        }
    }
}
