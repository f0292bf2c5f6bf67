public import ExportModel
import FileSystem
import Foundation

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
}

/// The right to write below a state directory, or below an output directory whose `_state` it is:
/// one holder at a time, also across processes.
///
/// An advisory lock (`flock`) on `<state>/lock` that lasts as long as this object; the system drops
/// it when the process dies, however it dies. The file stays and then means nothing.
public final class LedgerLock: Sendable {
    public let directory: StateDirectory
    /// The system keeps the lock until every process that inherited this has ended: a program that
    /// works for the holder is given it, so that the lock outlives a holder that is killed.
    public var descriptor: Int32 { file.descriptor }
    private let file: SystemFile

    private init(directory: StateDirectory, file: SystemFile) {
        self.directory = directory
        self.file = file
    }

    deinit {
        // Closing alone would leave the lock to a child process that is just being spawned. Where
        // another process holds the lock this does nothing.
        file.unlock()
    }

    /// Takes the lock at once or not at all, and makes the state directory where it is missing.
    ///
    /// - Parameter output: the output directory that is locked; nil: the ledger is.
    /// - Throws: `ledger_locked` or `output_locked`, whose message names the holder;
    ///   `state_unwritable`.
    public static func acquire(
        _ directory: StateDirectory, ofOutput output: String? = nil, as holder: LockHolder
    ) throws(LedgerError) -> LedgerLock {
        try Files<LedgerError>(SystemDisk()).makeDurableDirectory(directory.path, isPrivate: true)
        let lock: LedgerLock
        let isLocked: Bool
        do {
            let file = try SystemDisk().openFile(
                directory.lockPath, .updateOrCreate(isPrivate: true))
            lock = LedgerLock(directory: directory, file: file)
            isLocked = try file.lock()
        } catch {
            throw LedgerError(error)
        }
        guard isLocked else { throw locked(directory, output, by: lock.readHolder()) }
        try lock.write(holder)
        return lock
    }

    private static func locked(
        _ directory: StateDirectory, _ output: String?, by holder: LockHolder?
    ) -> LedgerError {
        let name =
            holder.map {
                "process \($0.processID) on \($0.host) ('\($0.command)', since \($0.startedAt))"
            } ?? "another process"
        return LedgerError(
            code: output == nil ? .ledgerLocked : .outputLocked,
            message: (output.map { "the output \($0)" } ?? "the ledger in \(directory.path)")
                + " is held by \(name); wait until it ends or stop it")
    }

    /// nil while the holder is writing its entry.
    private func readHolder() -> LockHolder? {
        do {
            let bytes = try file.read(at: 0, byteCount: 65_536)
            return try JSONDecoder().decode(LockHolder.self, from: Data(bytes))
        } catch {
            // The entry only makes the message better.
            return nil
        }
    }

    private func write(_ holder: LockHolder) throws(LedgerError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            let bytes = [UInt8](try encoder.encode(holder)) + [UInt8(ascii: "\n")]
            try file.write(bytes.span.bytes, at: 0)
            try file.truncate(to: bytes.count)
        } catch let error as FileSystemError {
            throw LedgerError(error)
        } catch {
            throw LedgerError(
                code: .stateUnwritable,
                message: "describing this process in \(directory.lockPath) failed", cause: error)
        }
    }
}
