import FileSystem
import Foundation

/// A file whose lock (`flock`) one process holds, or several that share it, and that says which.
/// The lock is given back with the last reference.
final class LockFile: Sendable {
    private let file: SystemFile

    /// Opens the file, made where it is missing. Its directory must be there.
    init(_ path: String) throws(LedgerError) {
        do {
            file = try SystemDisk().openFile(path, .updateOrCreate(isPrivate: true))
        } catch {
            throw LedgerError(error)
        }
    }

    deinit {
        // Closing alone would leave the lock to a child process that is just being spawned. Where
        // another process holds the lock this does nothing.
        file.unlock()
    }

    var descriptor: Int32 { file.descriptor }

    /// Takes the lock at once or not at all.
    ///
    /// - Parameter holder: what the file says from now on; nil: the lock is shared with others.
    func lock(as holder: LockHolder?) throws(LedgerError) -> Bool {
        do {
            guard try file.lock(isShared: holder == nil) else { return false }
        } catch {
            throw LedgerError(error)
        }
        if let holder { try write(holder) }
        return true
    }

    /// What the file says; nil while the holder is writing its entry.
    var holder: LockHolder? {
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
                code: .stateUnwritable, message: "describing this process in a lock failed",
                cause: error)
        }
    }
}
