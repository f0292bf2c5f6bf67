import ExportModel
import RunLedger

/// What a load of one target does, partition by partition: decided from what is published and what
/// the target holds.
public struct LoadPlan: Hashable, Sendable {
    /// Which partitions a load is about.
    public enum Scope: Hashable, Sendable {
        /// Those whose published version the target does not hold.
        case missing
        /// All, whatever the target holds.
        case all
        /// Those of some windows, whatever the target holds.
        case windows(WindowSpan)
    }

    /// By stream in the pipeline's order; removed partitions last in their stream.
    public let steps: [LoadStep]

    /// - Parameters:
    ///   - published: in the order they are to be loaded.
    ///   - held: what the target holds.
    ///   - streams: those that the load is about, in the pipeline's order.
    init(
        published: [PublishedVersion], held: [LoadedPartition], streams: [String], scope: Scope
    ) {
        let heldVersions = Dictionary(
            uniqueKeysWithValues: held.map { (PartitionName($0), $0.version) })
        let standing = published.map { version in
            let change: LoadStep.Change =
                switch heldVersions[version.name] {
                case nil: .new
                case version.version: .again
                default: version.rows == 0 ? .emptied : .changed
                }
            return LoadStep(name: version.name, change: change, published: version)
        }
        let names = Set(published.map(\.name))
        let removed = held.map(PartitionName.init).filter { !names.contains($0) }
            .map { LoadStep(name: $0, change: .removed, published: nil) }
        let steps = (standing + removed).filter { scope.includes($0) }
        self.steps = streams.flatMap { stream in steps.filter { $0.name.stream == stream } }
    }
}

extension LoadPlan.Scope {
    /// Whether a load of this scope has such a step.
    fileprivate func includes(_ step: LoadStep) -> Bool {
        switch self {
        case .missing: step.change != .again
        case .all: true
        case .windows(let span): span.contains(step.name.window)
        }
    }
}

/// One partition of a load.
public struct LoadStep: Hashable, Sendable {
    /// How the published version differs from the one that the target holds.
    public enum Change: String, CaseIterable, Sendable {
        /// The target holds none.
        case new
        case changed
        /// Changed, and without rows.
        case emptied
        /// No longer published.
        case removed
        /// The target holds this version; it is loaded because that was asked for.
        case again
    }

    public var name: PartitionName
    public var change: Change
    /// nil where nothing is published any more.
    public var published: PublishedVersion?
}

/// Names a partition of a pipeline.
public struct PartitionName: Hashable, Sendable, CustomStringConvertible {
    public var stream: String
    /// ``PartitionIdentity/share``; nil for a partition of all accounts.
    public var account: String?
    /// ``WindowKey/description``
    public var window: String

    /// `stream/account/window` or `stream/window`
    public var description: String {
        [stream, account, window].compactMap(\.self).joined(separator: "/")
    }

    init(_ loaded: LoadedPartition) {
        stream = loaded.stream
        account = loaded.account
        window = loaded.window
    }

    init(_ identity: PartitionIdentity) {
        stream = identity.stream
        account = identity.share
        window = identity.window
    }
}
