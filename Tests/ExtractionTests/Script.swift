import ExportModel

@testable import Extraction

/// `count` records, newest first, a second apart; more records means newer ones.
func records(_ count: Int) -> [Row] {
    (0..<count).reversed().map { Row(id: "r\($0)", offset: Int64($0) * 1_000) }
}

/// What a provider with these records answers for one page.
func servedPage(
    _ rows: [Row], _ number: Int, size: Int = 10, total: Int? = nil
) throws -> IdentifiedPage {
    try page(
        Array(rows.dropFirst((number - 1) * size).prefix(size)), total: total ?? rows.count,
        number: number)
}

/// Answers a walk's pages one after another, and gives up on walks that do not end.
struct Script {
    var answer: (_ number: Int, _ asked: Int) throws -> IdentifiedPage
    var asked: [Int] = []
    var expectations: [Int?] = []
    var rounds = 0

    init(_ answer: @escaping (_ number: Int, _ asked: Int) throws -> IdentifiedPage) {
        self.answer = answer
    }

    mutating func run(_ walk: SliceWalk) throws -> SliceWalk.Decision {
        var walk = walk
        while asked.count < 5_000 {
            let round = walk.round
            rounds = round
            let decision: SliceWalk.Decision
            if let job = walk.claimPage() {
                asked.append(job.number)
                expectations.append(job.expectation?.rowCount)
                do {
                    let page = try answer(job.number, asked.count - 1).numbered(job.number)
                    decision = walk.receive(page, round: round)
                } catch let error as ExtractionError {
                    decision = walk.receive(error, page: job.number, round: round)
                }
            } else if let pages = walk.claimAssembly() {
                let assembled = SliceAssembler.assemble(
                    pages.compactMap { $0 }, range: walk.range, asked: walk.asked)
                decision = walk.receive(assembled, round: round)
            } else {
                throw ExtractionError(.unknownAnswer, code: "test", message: "the walk is stuck")
            }
            if case .goOn = decision { continue }
            return decision
        }
        throw ExtractionError(.unknownAnswer, code: "test", message: "the walk does not end")
    }
}

/// The slice of a walk that ended well.
func verified(_ decision: SliceWalk.Decision) throws -> ExtractedSlice {
    guard case .verified(let assembled) = decision else {
        throw ExtractionError(
            .unknownAnswer, code: "test", message: "not verified: \(decision)")
    }
    return assembled.slice
}

/// The error of a walk that did not.
func failure(_ decision: SliceWalk.Decision) throws -> ExtractionError {
    guard case .failed(let error) = decision else {
        throw ExtractionError(.unknownAnswer, code: "test", message: "not failed: \(decision)")
    }
    return error
}
