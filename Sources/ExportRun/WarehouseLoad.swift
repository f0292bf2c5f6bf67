public import ExportModel
public import FileSystem
import Publication
public import RunLedger

/// One load of a target: plans it, prints its statements, and records it once they ran.
///
/// Opened with a holder it keeps the ledger's lock as long as it lives, so that what is checked is
/// what is loaded and recorded. Without one the ledger is only read.
public struct WarehouseLoad: Sendable {
    /// What a load is asked for.
    public struct Request: Sendable {
        /// The warehouse's name in the ledger.
        public var target: String
        /// nil: all.
        public var streams: Set<String>?
        public var scope: LoadPlan.Scope
        /// The tables' name, `{stream}` in it replaced; nil: the stream's name.
        public var table: String?

        public init(
            target: String, streams: Set<String>? = nil, scope: LoadPlan.Scope = .missing,
            table: String? = nil
        ) {
            self.target = target
            self.streams = streams
            self.scope = scope
            self.table = table
        }

        /// The table that holds a stream.
        func tableName(of stream: String) -> String {
            table?.replacing("{stream}", with: stream) ?? stream
        }
    }

    public let plan: LoadPlan
    /// What people should know of partitions that are not loaded.
    public var notes: [String] { inventory.notes }

    private let pipeline: Pipeline
    private let request: Request
    private let disk: any Disk
    private let inventory: PublishedInventory
    /// nil where nothing was ever published.
    private let ledger: Ledger?
    private let lock: LedgerLock?
    /// Streams of which the target holds something.
    private let heldStreams: Set<String>

    /// Reads what is published and what the target holds.
    ///
    /// - Parameter holder: nil: nothing will be recorded.
    /// - Throws: `unknown_stream`, `table_differs`, `output_missing`, and what the ledger says.
    public init(
        _ pipeline: Pipeline, _ request: Request, holder: LockHolder?, disk: any Disk
    ) throws(ExportError) {
        self.pipeline = pipeline
        self.request = request
        self.disk = disk
        let streams = try Self.streams(of: pipeline, request)
        (ledger, lock) = try Self.open(pipeline, holder)
        guard let ledger else {
            inventory = PublishedInventory()
            heldStreams = []
            plan = LoadPlan(published: [], held: [], streams: streams, scope: request.scope)
            return
        }
        let held = try storing(
            try ledger.loadedPartitions(pipeline: pipeline.name, target: request.target))
        inventory = try PublishedInventory(of: pipeline, in: ledger, disk: disk)
        heldStreams = Set(held.map(\.stream))
        plan = LoadPlan(
            published: inventory.versions, held: held, streams: streams, scope: request.scope)
        try checkTables(held, of: streams)
    }

    /// Reads the files of every step and compares them with manifests and ledger.
    ///
    /// - Parameter location: where the warehouse reaches the output path: an absolute path or URI.
    /// - Returns: what can be loaded, and what keeps the rest from it.
    public func prepare(at location: String) -> PreparedLoad {
        var prepared = PreparedLoad(
            pipeline: pipeline, request: request, heldStreams: heldStreams)
        for step in plan.steps {
            guard let stream = pipeline.streams.first(where: { $0.name == step.name.stream }) else {
                continue
            }
            do {
                let partition = try inventory.partition(
                    step, of: stream, in: pipeline, at: location, disk: disk)
                prepared.partitions.append(partition)
                prepared.steps.append(step)
            } catch {
                prepared.failures.append(error)
            }
        }
        return prepared
    }

    /// Records that a load was carried out. Only where this was opened with a holder.
    public func record(_ prepared: PreparedLoad, at moment: Timestamp) throws(ExportError) {
        guard let ledger, lock != nil else { return }
        var loaded: [LoadedPartition] = []
        var removed: [LoadedPartition] = []
        for step in prepared.steps {
            let partition = LoadedPartition(
                stream: step.name.stream, account: step.name.account, window: step.name.window,
                version: step.published?.version ?? 0,
                table: request.tableName(of: step.name.stream))
            if step.published == nil { removed.append(partition) } else { loaded.append(partition) }
        }
        do {
            try ledger.recordLoad(
                pipeline: pipeline.name, target: request.target, loaded: loaded, removed: removed,
                at: moment)
        } catch {
            throw ExportError(.storage, error)
        }
    }

    /// To be inherited by the command that loads; see ``LedgerLock/descriptor``.
    public var lockDescriptor: Int32? { lock?.descriptor }

    // MARK: - Pieces

    /// Names of the streams asked for, in the pipeline's order.
    private static func streams(
        of pipeline: Pipeline, _ request: Request
    ) throws(ExportError) -> [String] {
        let known = pipeline.streams.map(\.name)
        guard let asked = request.streams else { return known }
        for name in asked.sorted() where !known.contains(name) {
            throw ExportError(
                .configuration, code: "unknown_stream",
                message: "the pipeline has no stream '\(name)'; it has "
                    + known.joined(separator: ", "))
        }
        return known.filter(asked.contains)
    }

    private static func open(
        _ pipeline: Pipeline, _ holder: LockHolder?
    ) throws(ExportError) -> (Ledger?, LedgerLock?) {
        let (directory, output) = (pipeline.stateDirectory, pipeline.output.path)
        let ledger = try storing(try Ledger.openReadOnly(directory, output: output))
        // Without a ledger there is nothing to load, and no reason to make one.
        guard ledger != nil, let holder else { return (ledger, nil) }
        let lock = try storing(try LedgerLock.acquire(directory, as: holder))
        return (try storing(try Ledger.open(lock: lock, output: output)), lock)
    }

    /// A target holds a stream in one table; another one would miss what was loaded before.
    private func checkTables(
        _ held: [LoadedPartition], of streams: [String]
    ) throws(ExportError) {
        guard request.scope != .all else { return }
        for partition in held where streams.contains(partition.stream) {
            let table = request.tableName(of: partition.stream)
            guard partition.table != table else { continue }
            throw ExportError(
                .configuration, code: "table_differs",
                message: "target \(request.target) holds stream \(partition.stream) in table "
                    + "\(partition.table), not \(table); name another --target for that table, "
                    + "or load everything into it with --all")
        }
    }
}
