import ExportModel
import Extraction
import Foundation
import Synchronization

/// All endpoints of a scenario in memory: answers from the truth, with the faults that the seed
/// draws for each request.
final class SimulatedProvider: Transport {
    private struct State {
        var attempts: [String: Int] = [:]
        var mix = Fault.Mix.none
        var seed: UInt64 = 0
        var drifts = false
        var requestCount = 0
    }

    /// What a request asks for.
    private struct Question {
        var place: AccountPlace
        var endpoint: SimulatedEndpoint
        var page: Int
        var size: Int
        /// Milliseconds, as they were sent.
        var bounds: ClosedRange<Int64>?
        var requestID: String?
        /// 1: unread records, which are marked; 2: read ones; 3: all.
        var syncFlag = 3

        var name: String {
            let bounds = bounds.map { "\($0.lowerBound) \($0.upperBound)" } ?? ""
            return
                "\(place.stream) \(place.account) \(page) \(bounds) \(requestID ?? "") \(syncFlag)"
        }
    }

    let truth: Truth
    private let scenario: Scenario
    private let machine: Machine
    private let state = Mutex(State())

    init(_ scenario: Scenario, truth: Truth, machine: Machine) {
        self.scenario = scenario
        self.truth = truth
        self.machine = machine
    }

    var requestCount: Int { state.withLock { $0.requestCount } }

    /// What the next run has to get by with.
    func begin(_ mix: Fault.Mix, seed: UInt64, drifts: Bool) {
        state.withLock { state in
            state.attempts = [:]
            state.mix = mix
            state.seed = seed
            state.drifts = drifts
        }
    }

    func send(_ request: ProviderRequest) -> TransportOutcome {
        guard machine.isAlive(at: .request) else {
            return .failure(TransportFailure(kind: .interrupted, text: "the process was killed"))
        }
        guard let question = question(request) else {
            return .answer(ProviderAnswer(status: 400, body: Array("{\"code\":400}".utf8)))
        }
        let (fault, draw) = state.withLock { state in
            let attempt = state.attempts[question.name, default: 0]
            state.attempts[question.name] = attempt + 1
            state.requestCount += 1
            if state.drifts { truth.pass(1) }
            var draw = Draw(state.seed, "detail \(question.name) \(attempt)")
            return (
                state.mix.fault(of: question.name, attempt: attempt, seed: state.seed),
                draw.below(1_000)
            )
        }
        if truth.isDead(question.place) { return Self.answer(refusal(question.endpoint)) }
        let body = body(question, fault: fault, draw: draw)
        return fault?.outcome(instead: body, draw: draw) ?? Self.answer(body)
    }

    private static func answer(_ body: String) -> TransportOutcome {
        .answer(ProviderAnswer(status: 200, body: Array(body.utf8)))
    }

    // MARK: - Questions

    private func question(_ request: ProviderRequest) -> Question? {
        guard let host = URL(string: request.url)?.host, let stream = Int(host.dropFirst(1)),
            scenario.streams.indices.contains(stream)
        else { return nil }
        let asked = Self.parameters(request)
        let endpoint = scenario.streams[stream].endpoint
        let credential = asked[endpoint == .requestCDR ? "secret" : "token"] ?? ""
        guard let account = scenario.streams[stream].accounts.firstIndex(of: credential) else {
            return nil
        }
        var question = Question(
            place: AccountPlace(stream: stream, account: account), endpoint: endpoint, page: 1,
            size: .max)
        switch endpoint {
        case .requestCDR: question.requestID = asked["request_id"]
        case .userOutMissed, .outAnswered:
            let names =
                endpoint == .userOutMissed ? ("from", "to") : ("start_date", "end_date")
            guard let page = Int(asked["page"] ?? ""), let size = Int(asked["limit"] ?? ""),
                let from = Int64(asked[names.0] ?? ""), let to = Int64(asked[names.1] ?? "")
            else { return nil }
            (question.page, question.size, question.bounds) = (page, size, from...to)
        case .getBill:
            guard let page = Int(asked["currentpage"] ?? ""),
                let size = Int(asked["itemsperpage"] ?? ""),
                let from = Self.moment(asked["starttime"]), let to = Self.moment(asked["endtime"])
            else { return nil }
            (question.page, question.size, question.bounds) = (page, size, from...to)
            question.syncFlag = Int(asked["syncflag"] ?? "") ?? 1
        }
        return question
    }

    private static func moment(_ text: String?) -> Int64? {
        let seconds = Array((text ?? "").utf8).withUnsafeBufferPointer {
            TimestampText.localSeconds($0)
        }
        return seconds.map { ($0 - 28_800) * 1_000 }
    }

    /// The parameters of a JSON or multipart body.
    private static func parameters(_ request: ProviderRequest) -> [String: String] {
        let data = Data(request.body ?? [])
        if request.contentType == "application/json" {
            let object = (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
            return object.mapValues { "\($0)" }
        }
        var found: [String: String] = [:]
        for part in String(decoding: data, as: UTF8.self).components(separatedBy: "--cdrx-") {
            let halves = part.components(separatedBy: "\r\n\r\n")
            guard halves.count == 2,
                let name = halves[0].components(separatedBy: "\"").dropFirst().first
            else { continue }
            found[name] = halves[1].replacingOccurrences(of: "\r\n", with: "")
        }
        return found
    }

    // MARK: - Answers

    private func body(_ question: Question, fault: Fault?, draw: Int) -> String {
        if fault == .codeIn200 { return trouble(question.endpoint) }
        let found = records(question)
        if question.requestID != nil, found.isEmpty {
            return "{\"code\":404,\"msg\":\"request_id not found\"}"
        }
        let page = found.dropFirst((question.page - 1) * min(question.size, 1_000_000))
            .prefix(question.size)
        // Whatever becomes of the answer.
        if question.syncFlag == 1 { truth.markRead(page, of: question.place) }
        var rows = page.map(\.json)
        if fault == .emptyPage { rows = [] }
        if fault == .repeatedRow, let row = rows.first { rows.insert(row, at: 0) }
        let total: Int? =
            switch fault {
            case .oneTooMany: found.count + 1
            case .oneTooFew: max(found.count - 1, 0)
            case .missingTotal: nil
            default: found.count
            }
        let list = rows.joined(separator: ",")
        switch question.endpoint {
        case .userOutMissed, .requestCDR:
            return "{\(total.map { "\"count\":\($0)," } ?? "")\"cdr\":[\(list)],\"code\":200}"
        case .outAnswered:
            return "{\(total.map { "\"total\":\($0)," } ?? "")\"cdr\":[\(list)],\"code\":200}"
        case .getBill:
            let items = total.map { "\"totalitems\":\($0)," } ?? ""
            return "{\"ret\":200,\"data\":{\"status\":0,\"result\":{\(items)\"bills\":[\(list)]}}}"
        }
    }

    /// Newest first, as providers list them.
    private func records(_ question: Question) -> [SimulatedRecord] {
        let present = truth.present(of: question.place)
        if let id = question.requestID { return present.filter { $0.requestID == id } }
        guard let bounds = question.bounds else { return [] }
        let range =
            scenario.streams[question.place.stream].hasOpenEnd
            ? bounds.lowerBound...max(bounds.upperBound - 1, bounds.lowerBound) : bounds
        return present.filter {
            range.contains($0.milliseconds)
                && (question.syncFlag == 3
                    || truth.isRead($0, of: question.place) == (question.syncFlag == 2))
        }.sorted {
            ($0.milliseconds, $0.number) > ($1.milliseconds, $1.number)
        }
    }

    private func refusal(_ endpoint: SimulatedEndpoint) -> String {
        endpoint == .getBill
            ? "{\"ret\":600,\"data\":[],\"msg\":\"token is invalid\"}"
            : "{\"code\":404,\"msg\":\"Failed to authenticate app id or secret\"}"
    }

    private func trouble(_ endpoint: SimulatedEndpoint) -> String {
        endpoint == .getBill
            ? "{\"ret\":500,\"data\":[],\"msg\":\"server error\"}"
            : "{\"code\":500,\"msg\":\"internal error\"}"
    }
}
