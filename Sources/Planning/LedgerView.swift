public import ExportModel

/// What a plan must know of the ledger: the states of one pipeline's windows.
public struct LedgerView: Sendable {
    /// Stream → account → ``WindowKey/description`` → state.
    public typealias States = [String: [String: [String: WindowState]]]

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
