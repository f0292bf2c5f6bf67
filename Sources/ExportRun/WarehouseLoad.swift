public import ExportModel
public import FileSystem
public import Publication
public import RunLedger
import WarehouseSchema

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
    private let output: any PublishedOutput
    private let inventory: PublishedInventory
    /// nil where nothing was ever published.
    private let ledger: Ledger?
    private let lock: LedgerLock?
    /// What becomes of the tables, by stream.
    private let changes: [String: TableChange]

    /// Reads what is published and what the target holds.
    ///
    /// - Parameters:
    ///   - holder: nil: nothing will be recorded.
    ///   - output: nil: the pipeline's directory.
    /// - Throws: `unknown_stream`, `table_differs`, `output_missing`, and what the ledger says.
    public init(
        _ pipeline: Pipeline, _ request: Request, holder: LockHolder?, disk: any Disk,
        output: (any PublishedOutput)? = nil
    ) throws(ExportError) {
        self.pipeline = pipeline
        self.request = request
        self.output = output ?? DirectoryOutput(root: pipeline.output.path, disk: disk)
        let streams = try Self.streams(of: pipeline, request)
        (ledger, lock) = try Self.open(pipeline, holder)
        guard let ledger else {
            inventory = PublishedInventory()
            changes = [:]
            plan = LoadPlan(published: [], held: [], streams: streams, scope: request.scope)
            return
        }
        let held = try storing(
            try ledger.loadedPartitions(pipeline: pipeline.name, target: request.target))
        inventory = try PublishedInventory(of: pipeline, in: ledger, self.output)
        plan = LoadPlan(
            published: inventory.versions, held: held, streams: streams, scope: request.scope)
        let tables = try storing(
            try ledger.loadedTables(pipeline: pipeline.name, target: request.target))
        changes = try Self.changes(plan, held, tables, of: pipeline, request)
    }

    /// Reads the files of every step and compares them with manifests and ledger.
    ///
    /// - Parameter location: where the warehouse reaches the output path: an absolute path or URI.
    /// - Returns: what can be loaded, and what keeps the rest from it.
    public func prepare(at location: String) -> PreparedLoad {
        var prepared = PreparedLoad(
            pipeline: pipeline, request: request, changes: changes)
        for step in plan.steps {
            guard let stream = pipeline.streams.first(where: { $0.name == step.name.stream }) else {
                continue
            }
            do {
                let partition = try inventory.partition(
                    step, of: stream, in: pipeline, output, at: location)
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
                tables: prepared.tables, at: moment)
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
        try pipeline.requireKnown(streams: asked, accounts: nil)
        return known.filter(asked.contains)
    }

    private static func open(
        _ pipeline: Pipeline, _ holder: LockHolder?
    ) throws(ExportError) -> (Ledger?, LedgerLock?) {
        let (directory, output) = (pipeline.stateDirectory, pipeline.output.identity)
        let ledger = try storing(try Ledger.openReadOnly(directory, output: output))
        // Without a ledger there is nothing to load, and no reason to make one.
        guard ledger != nil, let holder else { return (ledger, nil) }
        let lock = try storing(try LedgerLock.acquire(directory, as: holder))
        return (try storing(try Ledger.open(lock: lock, output: output)), lock)
    }

    /// A target holds a stream in one table; another one would miss what was loaded before.
    private static func changes(
        _ plan: LoadPlan, _ held: [LoadedPartition], _ tables: [String: LoadedTable],
        of pipeline: Pipeline, _ request: Request
    ) throws(ExportError) -> [String: TableChange] {
        var changes: [String: TableChange] = [:]
        for stream in pipeline.streams {
            let own = held.filter { $0.stream == stream.name }
            let keys = plan.steps.map(\.name).filter { $0.stream == stream.name }.map(\.window)
            guard request.streams?.contains(stream.name) ?? true else { continue }
            let name = request.tableName(of: stream.name)
            let known = tables[stream.name].flatMap { $0.name == name ? $0 : nil }
            if request.scope != .all, let other = own.first(where: { $0.table != name }) {
                throw differs(
                    request, stream.name,
                    "in table \(other.table), not \(name); name another --target for that "
                        + "table, or load everything into it with --all")
            }
            if request.scope != .all, known == nil, !own.isEmpty {
                throw differs(
                    request, stream.name,
                    "in table \(name) as an older cdrx made it, without cdrx_loaded_at and "
                        + "cdrx_run_id; load everything into another table with --all --table NAME")
            }
            // What is loaded anew does not stand beside what was.
            let standing = known == nil ? [] : own.map(\.window)
            let table = WarehouseTable(
                stream, output: pipeline.output, name: name,
                hasDates: hasDates(keys + standing, known))
            changes[stream.name] = try TableChange(
                table, of: stream.name, held: known, target: request.target,
                isMade: request.scope != .missing || own.isEmpty)
        }
        return changes
    }

    /// Whether windows are dates; nil: as the stream cuts them. Days and months, or hours, in one
    /// table have no dates of their own.
    private static func hasDates(_ keys: [String], _ known: LoadedTable?) -> Bool? {
        let kinds = Set(
            keys.map { key in
                switch WindowKey(key) {
                case .day: "day"
                case .month: "month"
                default: "other"
                }
            })
        if kinds.count > 1 || kinds.contains("other") { return false }
        let type = known?.columns.first { $0.name == "cdrx_window" }?.type
        return type.map { $0 == ColumnType.date.name }
    }

    private static func differs(
        _ request: Request, _ stream: String, _ what: String
    ) -> ExportError {
        ExportError(
            .configuration, code: .tableDiffers,
            message: "target \(request.target) holds stream \(stream) \(what)")
    }
}
