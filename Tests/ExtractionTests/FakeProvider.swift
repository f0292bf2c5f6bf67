import ExportModel
import Synchronization

@testable import Extraction

/// A TeleCMI v2 list in memory: newest first, ten rows a page, with faults and drift by a seed.
final class FakeProvider: Transport {
    /// What happens to the records between two answers.
    enum Change: Sendable {
        case enter(Row)
        case leave(id: String)
    }

    struct Faults: Sendable {
        /// Of each kind of fault, 0…100.
        var percent = 0
        /// Changes before the answer to a request, by how many came, this one included.
        var changes: [Int: [Change]] = [:]
        /// The total that is reported; gets the records found, those of the page, and how many
        /// requests came.
        var total: @Sendable (_ found: Int, _ onPage: Int, _ request: Int) -> Int = { found, _, _ in
            found
        }
        /// Every page after the first begins with the last row of the one before.
        var repeatsHeads = false
    }

    private struct State {
        /// Newest first.
        var rows: [Row]
        var requestCount = 0
        /// How often each page of each range was asked for.
        var visits: [Visit: Int] = [:]
        var asked: [TimeRange] = []
    }

    private struct Visit: Hashable {
        var from: Int64
        var to: Int64
        var page: Int
    }

    private let state: Mutex<State>
    private let seed: UInt64
    private let faults: Faults
    private let beforeAnswer: @Sendable (Int) -> Void

    /// - Parameter beforeAnswer: gets how many requests came, this one included; nothing else is
    ///   answered meanwhile.
    init(
        _ rows: [Row], seed: UInt64 = 1, faults: Faults = Faults(),
        beforeAnswer: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        state = Mutex(State(rows: Self.newestFirst(rows)))
        self.seed = seed
        self.faults = faults
        self.beforeAnswer = beforeAnswer
    }

    var requestCount: Int { state.withLock { $0.requestCount } }
    var asked: [TimeRange] { state.withLock { $0.asked } }
    /// All records there are now.
    var rows: [Row] { state.withLock { $0.rows } }

    func send(_ request: ProviderRequest) -> TransportOutcome {
        guard let from = number("from", in: request), let to = number("to", in: request),
            let page = number("page", in: request), text("token", in: request) != nil, from <= to
        else { return reply(#"{"code":400,"msg":"parameter missing"}"#) }
        return state.withLock { state in
            state.requestCount += 1
            state.asked.append(
                TimeRange(
                    start: Timestamp(epochMilliseconds: from),
                    end: Timestamp(epochMilliseconds: to)))
            for change in faults.changes[state.requestCount] ?? [] {
                switch change {
                case .enter(let row): state.rows = Self.newestFirst(state.rows + [row])
                case .leave(let id): state.rows.removeAll { $0.id == id }
                }
            }
            beforeAnswer(state.requestCount)
            return answer(from, to, Int(page), &state)
        }
    }

    private static func newestFirst(_ rows: [Row]) -> [Row] {
        rows.sorted { ($0.place, $0.id) > ($1.place, $1.id) }
    }

    private func answer(
        _ from: Int64, _ to: Int64, _ page: Int, _ state: inout State
    ) -> TransportOutcome {
        let first = from - midnight.epochMilliseconds
        let last = to - midnight.epochMilliseconds
        let found = state.rows.filter { (first...last).contains($0.place) }
        var rows = Array(found.dropFirst((page - 1) * 10).prefix(10))
        let total = faults.total(found.count, rows.count, state.requestCount)
        if faults.repeatsHeads, page > 1, !rows.isEmpty {
            rows.insert(found[page * 10 - 11], at: 0)
        }
        let visit = Visit(from: from, to: to, page: page)
        let visits = state.visits[visit, default: 0]
        state.visits[visit] = visits + 1
        switch draw(visit, visits) / max(faults.percent, 1) {
        case 0 where faults.percent > 0: return reply("", status: 500)
        case 1 where faults.percent > 0: return reply(#"{"code":429}"#)
        case 2 where faults.percent > 0: return reply(#"{"code":502,"msg":"Internal"}"#)
        case 3 where faults.percent > 0:
            return .failure(TransportFailure(kind: .cutOff, text: "connection reset"))
        case 4 where faults.percent > 0: return reply("<html>busy</html>")
        case 5 where faults.percent > 0: rows = []
        // A first page that is cut at every visit looks like a small page with a lying total.
        case 6 where faults.percent > 0 && (page > 1 || visits.isMultiple(of: 2)):
            rows = Array(rows.dropLast(3))
        case 7 where faults.percent > 0: if let row = rows.first { rows.append(row) }
        case 8 where faults.percent > 0:
            return reply(String(cdr(rows, total: total).dropLast(20)))
        default: break
        }
        return reply(cdr(rows, total: total))
    }

    /// 0…99, by what is asked for and how often it was before, so that lanes do not matter.
    private func draw(_ visit: Visit, _ visits: Int) -> Int {
        var draw = seed
        for part in [visit.from, visit.to, Int64(visit.page), Int64(visits)] {
            var numbers = SeededNumbers(seed: draw ^ UInt64(bitPattern: part))
            draw = numbers.next()
        }
        return Int(draw % 100)
    }
}
