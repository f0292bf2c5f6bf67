import BoundedDispatch
public import FileSystem
import GRDB

/// The file that knows every window's state: SQLite in WAL mode with `synchronous = FULL`.
///
/// What a publication or a failure records is on disk before the call returns. Any thread may call;
/// calls wait for each other. A file that is damaged, newer than this program or not a ledger is an
/// error and never changed.
public final class Ledger: Sendable {
    public let directory: StateDirectory
    let queue: DatabaseQueue
    let names: LedgerNames
    /// What the next transaction records.
    let waiting = Guarded<[Change]>([])
    /// Held as long as the ledger is open for writing.
    private let lock: LedgerLock?
    /// What is read instead of the ledger's own files.
    private let copy: LedgerCopy?

    private init(
        directory: StateDirectory, output: String, queue: DatabaseQueue, lock: LedgerLock? = nil,
        copy: LedgerCopy? = nil
    ) {
        self.directory = directory
        self.queue = queue
        names = LedgerNames(output: directory.name(ofOutput: output))
        self.lock = lock
        self.copy = copy
    }

    /// Opens a ledger for writing, made or brought up to date where needed.
    ///
    /// - Parameters:
    ///   - lock: of the state directory; the ledger keeps it while it is open.
    ///   - output: the output directory: a pipeline's runs and windows are remembered for each
    ///     output by itself, see ``StateDirectory/name(ofOutput:)``.
    ///   - disk: holds what lies beside SQLite's files, whose directories are made where they are
    ///     missing.
    /// - Throws: `ledger_corrupt`, `ledger_newer`, `ledger_foreign` and what SQLite says.
    public static func open(
        lock: LedgerLock, output: String, disk: any Disk = SystemDisk()
    ) throws(LedgerError) -> Ledger {
        let directory = lock.directory
        try makePrivateFiles(directory, Files(disk))
        do {
            let queue = try connect(to: directory.ledgerPath, isReadOnly: false)
            try queue.writeWithoutTransaction { database in
                try check(database, at: directory)
                try database.execute(sql: "PRAGMA journal_mode = WAL")
                try database.execute(sql: "PRAGMA synchronous = FULL")
                // In pages: a run of thousands of small changes syncs the whole file seldom.
                try database.execute(sql: "PRAGMA wal_autocheckpoint = 8000")
            }
            try migrate(queue)
            return Ledger(directory: directory, output: output, queue: queue, lock: lock)
        } catch {
            throw LedgerError(error, path: directory.ledgerPath, while: "opening the ledger")
        }
    }

    /// Opens a ledger for reading, also while a run holds it, and where this user may not write.
    ///
    /// - Returns: nil where there is no ledger yet.
    /// - Throws: like ``open(lock:output:)``, `ledger_outdated`, `ledger_unreadable`.
    public static func openReadOnly(
        _ directory: StateDirectory, output: String
    ) throws(LedgerError) -> Ledger? {
        guard try LedgerCopy.isReadable(directory.ledgerPath) else { return nil }
        do {
            do {
                return try readOnly(directory, output, copy: nil)
            } catch let error as DatabaseError
                where [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode)
            {
                // Where this user may not write, SQLite cannot make the file that its readers
                // share, and needs it even if nobody else reads.
                return try readOnly(directory, output, copy: LedgerCopy(of: directory))
            }
        } catch {
            throw LedgerError(error, path: directory.ledgerPath, while: "opening the ledger")
        }
    }

    private static func readOnly(
        _ directory: StateDirectory, _ output: String, copy: LedgerCopy?
    ) throws -> Ledger {
        let queue = try connect(to: copy?.path ?? directory.ledgerPath, isReadOnly: copy == nil)
        try queue.read { database in
            try check(database, at: directory)
            guard try LedgerSchema.migrator.hasCompletedMigrations(database) else {
                throw LedgerError(
                    code: .ledgerOutdated,
                    message: "\(directory.ledgerPath) is of an older cdrx or was never "
                        + "finished; `cdrx run` brings it up to date")
            }
        }
        return Ledger(directory: directory, output: output, queue: queue, copy: copy)
    }

    /// Makes what is missing so that only its owner may read it: SQLite gives its other files the
    /// mode of the ledger. What an older cdrx made is hidden from all but its group.
    private static func makePrivateFiles(
        _ directory: StateDirectory, _ files: Files<LedgerError>
    ) throws(LedgerError) {
        try files.makeDurableDirectory(directory.path, isPrivate: true)
        _ = try Files<LedgerError>(SystemDisk()).require(
            directory.ledgerPath, .updateOrCreate(isPrivate: true))
        let path = directory.ledgerPath
        for path in [directory.lockPath, path, path + "-wal", path + "-shm"] {
            SystemDisk().hideFromOthers(path)
        }
    }

    private static func migrate(_ queue: DatabaseQueue) throws {
        let isFormer = try queue.read { database in
            try database.tableExists("windows") && !database.tableExists("partitions")
        }
        try LedgerSchema.migrator.migrate(queue)
        // The pages of the old tables go back to the file system.
        if isFormer { try queue.vacuum() }
    }

    private static func connect(to path: String, isReadOnly: Bool) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = isReadOnly
        configuration.label = "cdrx.ledger"
        // Checkpoints of a reader or of a backup tool are short.
        configuration.busyMode = .timeout(10)
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Looks before anything is changed.
    private static func check(_ database: Database, at directory: StateDirectory) throws {
        let path = directory.ledgerPath
        // The migrator's own table is committed before the first migration: alone, it is what a
        // process left that was killed while it made the ledger.
        let tables =
            try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'grdb_migrations'") ?? 0
        let applicationID = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        if tables > 0, applicationID != LedgerSchema.applicationID {
            throw LedgerError(
                code: .ledgerForeign,
                message: "\(path) is an SQLite file but no ledger of cdrx; move it away or set "
                    + "the pipeline's 'state' to another directory")
        }
        if try LedgerSchema.migrator.hasBeenSuperseded(database) {
            throw LedgerError(
                code: .ledgerNewer,
                message: "\(path) was written by a newer cdrx; use that version or set the "
                    + "pipeline's 'state' to another directory")
        }
    }

    // MARK: Access

    func write<T>(
        _ action: String, _ body: (Database) throws -> T
    ) throws(LedgerError) -> T {
        do {
            return try queue.write(body)
        } catch {
            names.forget()
            throw LedgerError(error, path: directory.ledgerPath, while: action)
        }
    }

    func read<T>(
        _ action: String, _ body: (Database) throws -> T
    ) throws(LedgerError) -> T {
        do {
            // Who holds the lock is the only writer, and its calls wait for each other: it needs no
            // transaction to read one state, and GRDB's would expire every prepared statement.
            return try lock == nil ? queue.read(body) : queue.unsafeRead(body)
        } catch {
            throw LedgerError(error, path: directory.ledgerPath, while: action)
        }
    }
}
