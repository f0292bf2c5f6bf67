public import ExportModel
import GRDB

extension Ledger {
    /// Records that a run begins, and that earlier ones without an end were abandoned: whoever
    /// holds the lock knows that they are dead.
    ///
    /// - Returns: the abandoned runs, oldest first.
    @discardableResult
    public func beginRun(_ run: RunRecord) throws(LedgerError) -> [RunRecord] {
        try write("recording a run") { database in
            let abandoned = try Row.fetchAll(
                database, sql: "SELECT * FROM runs WHERE status = ? ORDER BY started_at, run_id",
                arguments: [RunStatus.running.rawValue]
            ).map(RunRecord.init(row:))
            try database.execute(
                sql: "UPDATE runs SET status = ? WHERE status = ?",
                arguments: [RunStatus.abandoned.rawValue, RunStatus.running.rawValue])
            try database.execute(
                sql: "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    run.runID, run.pipeline, run.command, run.startedAt.epochMilliseconds,
                    run.finishedAt?.epochMilliseconds, run.status.rawValue, run.tool, run.host,
                    run.processID,
                ])
            return abandoned
        }
    }

    /// Records how a run ended.
    public func endRun(
        _ runID: String, status: RunStatus, at moment: Timestamp
    ) throws(LedgerError) {
        try write("recording the end of a run") { database in
            try database.execute(
                sql: "UPDATE runs SET status = ?, finished_at = ? WHERE run_id = ?",
                arguments: [status.rawValue, moment.epochMilliseconds, runID])
        }
    }

    /// The newest runs of a pipeline, newest first.
    public func runs(pipeline: String, limit: Int) throws(LedgerError) -> [RunRecord] {
        try read("reading runs") { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM runs WHERE pipeline = ?
                    ORDER BY started_at DESC, run_id DESC LIMIT ?
                    """,
                arguments: [pipeline, limit]
            ).map(RunRecord.init(row:))
        }
    }
}

extension RunRecord {
    /// Reads a row of `runs`.
    init(row: Row) throws {
        self.init(
            runID: row["run_id"], pipeline: row["pipeline"], command: row["command"],
            startedAt: Timestamp(epochMilliseconds: row["started_at"]),
            finishedAt: (row["finished_at"] as Int64?).map(Timestamp.init(epochMilliseconds:)),
            status: try known(row["status"], "run status"), tool: row["tool"], host: row["host"],
            processID: row["pid"])
    }
}

/// Reads an enumeration's raw value; a value that this version does not know means that the file
/// was changed by something else.
func known<Value: RawRepresentable<String>>(
    _ text: String, _ name: String
) throws(LedgerError) -> Value {
    guard let value = Value(rawValue: text) else {
        throw LedgerError(
            code: "ledger_corrupt",
            message: "the ledger holds an unknown \(name) '\(text)'; restore it from a backup, or "
                + "move it away: published partitions stay, and their windows are exported again")
    }
    return value
}
