public import ExportModel
import GRDB

extension Ledger {
    /// Records that a run begins. It owes its run file until
    /// ``endRun(_:status:at:traffic:owesRunFile:)`` or ``settleRun(_:)`` says otherwise.
    ///
    /// - Parameter floor: a number that the run's sequence must exceed, for outputs that hold run
    ///   files of a ledger that was lost.
    /// - Returns: the run's sequence.
    @discardableResult
    public func beginRun(_ run: RunRecord, after floor: Int = 0) throws(LedgerError) -> Int {
        try write("recording a run") { database in
            let export = try names.makeExport(of: run.pipeline, in: database)
            let newest = try Int.fetchOne(database, sql: "SELECT max(sequence) FROM runs") ?? 0
            let sequence = max(newest, floor) + 1
            try database.execute(
                sql: """
                    INSERT INTO runs (sequence, run_id, export, command, started_at, finished_at,
                        status, tool, host, pid, owes_run_file)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
                    """,
                arguments: [
                    sequence, run.runID, export, run.command, run.startedAt.epochMilliseconds,
                    run.finishedAt?.epochMilliseconds, run.status.rawValue, run.tool, run.host,
                    run.processID,
                ])
            return sequence
        }
    }

    /// Forgets a run that began nothing.
    public func withdrawRun(_ runID: String) throws(LedgerError) {
        try write("withdrawing a run") { database in
            try database.execute(sql: "DELETE FROM runs WHERE run_id = ?", arguments: [runID])
        }
    }

    /// Runs of a pipeline and this output whose run files are not known to be on disk, oldest
    /// first. Those that never ended are recorded as abandoned: whoever holds the lock knows that
    /// their processes are gone.
    ///
    /// - Parameter current: the run that asks; it is left out.
    public func takeOverRuns(
        pipeline: String, except current: String
    ) throws(LedgerError) -> [RunRecord] {
        try write("taking over earlier runs") { database in
            guard let export = try names.export(of: pipeline, in: database) else { return [] }
            try database.execute(
                sql: """
                    UPDATE runs SET status = 'abandoned'
                    WHERE export = ? AND owes_run_file = 1 AND status = 'running' AND run_id <> ?
                    """,
                arguments: [export, current])
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT runs.*, pipeline FROM runs JOIN exports USING (export)
                    WHERE export = ? AND owes_run_file = 1 AND run_id <> ? ORDER BY sequence
                    """,
                arguments: [export, current]
            ).map(RunRecord.init(row:))
        }
    }

    /// Records how a run ended.
    ///
    /// - Parameters:
    ///   - traffic: what it asked its providers for.
    ///   - totals: what became of its windows; nil where nobody counted.
    ///   - owesRunFile: false once its run file is on disk.
    public func endRun(
        _ runID: String, status: RunStatus, at moment: Timestamp,
        traffic: RequestTraffic = RequestTraffic(), totals: RunTotals? = nil,
        owesRunFile: Bool = false
    ) throws(LedgerError) {
        try write("recording the end of a run") { database in
            try database.execute(
                sql: """
                    UPDATE runs SET status = ?, finished_at = ?, owes_run_file = ?, requests = ?,
                        retries = ?, throttles = ?, rewalks = ?, wait_ms = ?, response_bytes = ?,
                        windows = ?, complete = ?, failed = ?, rows = ?
                    WHERE run_id = ?
                    """,
                arguments: [
                    status.rawValue, moment.epochMilliseconds, owesRunFile, traffic.requests,
                    traffic.retries, traffic.throttles, traffic.rewalks, traffic.waitMilliseconds,
                    traffic.responseBytes, totals?.windows, totals?.complete, totals?.failed,
                    totals?.rows, runID,
                ])
        }
    }

    /// Records that the run file of an earlier run is on disk now.
    public func settleRun(_ runID: String) throws(LedgerError) {
        try write("recording that a run file is written") { database in
            try database.execute(
                sql: "UPDATE runs SET owes_run_file = 0 WHERE run_id = ?", arguments: [runID])
        }
    }

    /// Those of the given ids that name a run of this ledger.
    public func knownRuns(among ids: Set<String>) throws(LedgerError) -> Set<String> {
        if ids.isEmpty { return [] }
        return try read("reading runs") { database in
            try ids.filter { id in
                try Bool.fetchOne(
                    database, sql: "SELECT 1 FROM runs WHERE run_id = ?", arguments: [id]) != nil
            }
        }
    }

    /// When a run of a pipeline and this output last ended with every window complete.
    public func lastComplete(pipeline: String) throws(LedgerError) -> Timestamp? {
        try read("reading runs") { database in
            guard let export = try names.export(of: pipeline, in: database) else { return nil }
            return try Int64.fetchOne(
                database,
                sql: "SELECT max(finished_at) FROM runs WHERE export = ? AND status = 'complete'",
                arguments: [export]
            ).map(Timestamp.init(epochMilliseconds:))
        }
    }

    /// The newest runs of a pipeline and this output, newest first.
    public func runs(pipeline: String, limit: Int) throws(LedgerError) -> [RunRecord] {
        try read("reading runs") { database in
            guard let export = try names.export(of: pipeline, in: database) else { return [] }
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT runs.*, pipeline FROM runs JOIN exports USING (export)
                    WHERE export = ? ORDER BY sequence DESC LIMIT ?
                    """,
                arguments: [export, limit]
            ).map(RunRecord.init(row:))
        }
    }
}

extension RunRecord {
    /// Reads a row of `runs` with its pipeline.
    init(row: Row) throws {
        self.init(
            runID: row["run_id"], pipeline: row["pipeline"], command: row["command"],
            startedAt: Timestamp(epochMilliseconds: row["started_at"]),
            finishedAt: (row["finished_at"] as Int64?).map(Timestamp.init(epochMilliseconds:)),
            status: try known(row["status"], "run status"), tool: row["tool"], host: row["host"],
            processID: row["pid"])
        sequence = row["sequence"]
        owesRunFile = row["owes_run_file"]
        guard let requests = row["requests"] as Int? else { return }
        var traffic = RequestTraffic()
        traffic.requests = requests
        traffic.retries = row["retries"] ?? 0
        traffic.throttles = row["throttles"] ?? 0
        traffic.rewalks = row["rewalks"] ?? 0
        traffic.waitMilliseconds = row["wait_ms"] ?? 0
        traffic.responseBytes = row["response_bytes"] ?? 0
        self.traffic = traffic
        guard let windows = row["windows"] as Int? else { return }
        var totals = RunTotals()
        totals.windows = windows
        totals.complete = row["complete"] ?? 0
        totals.failed = row["failed"] ?? 0
        totals.rows = row["rows"] ?? 0
        self.totals = totals
    }
}

/// Reads an enumeration's raw value; a value that this version does not know means that the file
/// was changed by something else.
func known<Value: RawRepresentable<String>>(
    _ text: String, _ name: String
) throws(LedgerError) -> Value {
    guard let value = Value(rawValue: text) else { throw LedgerError(unknown: text, name) }
    return value
}

extension LedgerError {
    /// The file holds a value that no version wrote.
    init(unknown value: String, _ name: String) {
        self.init(
            code: .ledgerCorrupt,
            message: "the ledger holds an unknown \(name) '\(value)'; restore it from a backup, or "
                + "move it away: published partitions stay, and their windows are exported again")
    }
}
