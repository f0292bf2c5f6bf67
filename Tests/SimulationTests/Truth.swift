import Synchronization

/// An account of a stream, by its places in the pipeline file.
struct AccountPlace: Hashable, Sendable {
    var stream: Int
    var account: Int
}

/// What the provider has: every record that ever was, and when it was there.
final class Truth: Sendable {
    private struct State {
        /// Counts requests, and what happens between runs.
        var moment = 0
        var records: [AccountPlace: [SimulatedRecord]] = [:]
        var deadAccounts: Set<AccountPlace> = []
        /// Numbers of the records that a drain has handed out.
        var read: [AccountPlace: Set<Int>] = [:]
    }

    private let state = Mutex(State())

    /// The present, which a request moves on where records come and leave while a run walks.
    var moment: Int { state.withLock { $0.moment } }

    func pass(_ count: Int) { state.withLock { $0.moment += count } }

    func add(_ records: [SimulatedRecord], to place: AccountPlace) {
        state.withLock { $0.records[place, default: []] += records }
    }

    /// Every record that ever was, dead ones and those to come included.
    func all(of place: AccountPlace) -> [SimulatedRecord] {
        state.withLock { $0.records[place] ?? [] }
    }

    /// What is there now.
    func present(of place: AccountPlace) -> [SimulatedRecord] {
        state.withLock { state in
            (state.records[place] ?? []).filter { $0.exists(at: state.moment) }
        }
    }

    /// Changes records of an account.
    func change(_ place: AccountPlace, _ body: (inout [SimulatedRecord]) -> Void) {
        state.withLock { body(&$0.records[place, default: []]) }
    }

    // MARK: - Drains

    /// Whether a drain has handed out a record.
    func isRead(_ record: SimulatedRecord, of place: AccountPlace) -> Bool {
        state.withLock { $0.read[place]?.contains(record.number) ?? false }
    }

    func markRead(_ records: some Sequence<SimulatedRecord>, of place: AccountPlace) {
        state.withLock { $0.read[place, default: []].formUnion(records.map(\.number)) }
    }

    // MARK: - Accounts

    func setDead(_ accounts: Set<AccountPlace>) { state.withLock { $0.deadAccounts = accounts } }

    func isDead(_ place: AccountPlace) -> Bool {
        state.withLock { $0.deadAccounts.contains(place) }
    }
}
