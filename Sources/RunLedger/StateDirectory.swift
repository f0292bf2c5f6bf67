/// The files of one ledger, below `<output.path>/_state` or the pipeline's `state`.
public struct StateDirectory: Hashable, Sendable {
    public let path: String

    public init(path: String) {
        self.path = path
    }

    public var ledgerPath: String { path + "/ledger.sqlite" }
    public var lockPath: String { path + "/lock" }
    /// One file for each window that is begun and not yet published.
    public var journalPath: String { path + "/journal" }
}
