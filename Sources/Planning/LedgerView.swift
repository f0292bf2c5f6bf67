public import ExportModel

/// What a plan must know of the ledger: of one pipeline's account windows.
public struct LedgerView: Sendable {
    /// Stream → account → ``WindowKey/description`` → facts.
    public typealias States = [String: [String: [String: WindowFacts]]]

    let states: States
    /// Stream → account → ``WindowKey/description`` of complete windows whose list of request ids
    /// is another one now.
    let changedLists: [String: [String: Set<String>]]

    /// - Parameters:
    ///   - states: windows that are missing count as never started.
    ///   - changedLists: these are exported again.
    public init(states: States = [:], changedLists: [String: [String: Set<String>]] = [:]) {
        self.states = states
        self.changedLists = changedLists
    }
}
