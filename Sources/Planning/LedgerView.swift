public import ExportModel

/// What a plan must know of the ledger: the states of one pipeline's windows.
public struct LedgerView: Sendable {
    /// Stream → account → ``WindowKey/description`` → state.
    public typealias States = [String: [String: [String: WindowState]]]

    let states: States

    /// - Parameter states: windows that are missing count as never started.
    public init(states: States = [:]) {
        self.states = states
    }
}
