import Synchronization

/// Decides which faults a request meets, and counts requests and faults.
///
/// The draw follows from the seed, the request, and how many times the same request came before: a
/// retry draws anew, and the order in which different requests come changes nothing.
final class FaultInjector: Sendable {
    private struct State {
        /// Times a request came, by its identity.
        var visits: [UInt64: UInt64] = [:]
        var requests: [String: Int] = [:]
        var faults: [SimulatorFault: Int] = [:]
    }

    private let seed: UInt64
    /// Faults of requests with a rate above 0, each with a number of its own.
    private let rates: [(fault: SimulatorFault, rate: Double, number: UInt64)]
    private let state = Mutex(State())

    init(options: SimulatorOptions) {
        seed = options.seed
        rates = SimulatorFault.allCases.compactMap { fault in
            let rate = options.rate(of: fault)
            guard rate > 0, fault != .dirtyRows else { return nil }
            return (fault, rate, SeededDraw.number(of: fault.rawValue))
        }
    }

    /// The faults that the next visit of a request draws.
    ///
    /// - Parameter impossible: those that the request cannot meet.
    func plan(
        requestIdentity identity: UInt64, isLogin: Bool, impossible: Set<SimulatorFault> = []
    ) -> FaultPlan {
        guard !rates.isEmpty else { return FaultPlan(seed: 0, faults: []) }
        let visit = state.withLock { state in
            let visit = state.visits[identity, default: 0]
            state.visits[identity] = visit + 1
            return visit
        }
        let visitSeed = SeededDraw.seed(seed, identity, visit)
        let drawn = rates.filter { entry in
            (!isLogin || entry.fault.meetsLogins) && !impossible.contains(entry.fault)
                && SeededDraw.falls(SeededDraw.mix(visitSeed ^ entry.number), under: entry.rate)
        }
        return FaultPlan(seed: visitSeed, faults: Set(drawn.map(\.fault)))
    }

    /// Counts a request, refused ones included.
    func count(request endpoint: String) {
        state.withLock { $0.requests[endpoint, default: 0] += 1 }
    }

    /// Counts faults that took effect.
    func count(_ faults: Set<SimulatorFault>) {
        guard !faults.isEmpty else { return }
        state.withLock { state in
            for fault in faults { state.faults[fault, default: 0] += 1 }
        }
    }

    /// `{"requests":{endpoint:count},"faults":{name:count}}`, names in order.
    func statistics() -> SimulatedResponse {
        let (requests, faults) = state.withLock { ($0.requests, $0.faults) }
        return .json { writer in
            writer.object { writer in
                writer.name("requests")
                writer.object { writer in
                    for (endpoint, count) in requests.sorted(by: { $0.key < $1.key }) {
                        writer.int(endpoint, count)
                    }
                }
                writer.name("faults")
                writer.object { writer in
                    for fault in SimulatorFault.allCases {
                        if let count = faults[fault] { writer.int(fault.rawValue, count) }
                    }
                }
            }
        }
    }

    /// Forgets visits and counts.
    func reset() {
        state.withLock { $0 = State() }
    }
}

/// The faults of one request, of which those that leave no room for others come alone.
struct FaultPlan: Sendable {
    /// Each of them is the whole answer, the first one drawn wins.
    private static let whole: [SimulatorFault] = [
        .hang, .reset, .http429, .http503, .tokenDeath, .codeIn200, .deadCursor,
        .badJSON, .cutBody,
    ]

    private static let withoutRows: Set<SimulatorFault> = [.emptyPage, .shortPage, .repeatedPage]

    private let seed: UInt64
    private(set) var faults: Set<SimulatorFault>

    init(seed: UInt64, faults: Set<SimulatorFault>) {
        self.seed = seed
        self.faults = faults
        if let only = Self.whole.first(where: faults.contains) { self.faults = [only] }
    }

    /// Whether the fault is to take effect.
    func has(_ fault: SimulatorFault) -> Bool { faults.contains(fault) }

    /// Takes back a fault that could not happen.
    mutating func drop(_ fault: SimulatorFault) {
        faults.remove(fault)
    }

    /// Whether the records of the answer reach the client as they should.
    var deliversRows: Bool {
        faults.isDisjoint(with: Self.whole) && faults.isDisjoint(with: Self.withoutRows)
    }

    /// Further draws for this request.
    var draw: SeededDraw { SeededDraw(seed: seed) }
}
