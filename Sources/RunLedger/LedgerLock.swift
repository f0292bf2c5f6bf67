public import ExportModel
import FileSystem

/// The process that holds a lock, as the lock file says.
public struct LockHolder: Hashable, Codable, Sendable {
    public var processID: Int32
    public var host: String
    /// As it was called, without secrets.
    public var command: String
    /// ISO 8601, UTC
    public var startedAt: String

    public init(processID: Int32, host: String, command: String, startedAt: Timestamp) {
        self.processID = processID
        self.host = host
        self.command = command
        self.startedAt = startedAt.iso8601
    }

    private enum CodingKeys: String, CodingKey {
        case processID = "pid"
        case host, command
        case startedAt = "started_at"
    }

    /// For messages; nil: nobody knows.
    static func name(of holder: LockHolder?) -> String {
        guard let holder else { return "another process" }
        return "process \(holder.processID) on \(holder.host) ('\(holder.command)', since "
            + "\(holder.startedAt))"
    }
}

/// The right to write below a state directory: one holder at a time, also across processes.
/// ``OutputLock`` is the same for an output directory.
///
/// An advisory lock (`flock`) on `<state>/lock` that lasts as long as this object; the system drops
/// it when the process dies, however it dies. The file stays and then means nothing.
public final class LedgerLock: Sendable {
    public let directory: StateDirectory
    /// The system keeps the lock until every process that inherited this has ended: a program that
    /// works for the holder is given it, so that the lock outlives a holder that is killed.
    public var descriptor: Int32 { file.descriptor }
    private let file: LockFile

    private init(directory: StateDirectory, file: LockFile) {
        self.directory = directory
        self.file = file
    }

    /// Takes the lock at once or not at all, and makes the state directory where it is missing.
    ///
    /// - Throws: `ledger_locked`, whose message names the holder; `state_unwritable`.
    public static func acquire(
        _ directory: StateDirectory, as holder: LockHolder
    ) throws(LedgerError) -> LedgerLock {
        try Files<LedgerError>(SystemDisk()).makeDurableDirectory(directory.path, isPrivate: true)
        let file = try LockFile(directory.lockPath)
        guard try file.lock(as: holder) else {
            throw LedgerError(
                code: .ledgerLocked,
                message: "the ledger in \(directory.path) is held by "
                    + LockHolder.name(of: try OutputLock.currentHolder(of: file, in: directory))
                    + "; wait until it ends or stop it")
        }
        return LedgerLock(directory: directory, file: file)
    }
}
