import FileSystem
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A ledger's files in a temporary directory of this user, removed with this object.
final class LedgerCopy: Sendable {
    private let directory: String
    /// The copy's `ledger.sqlite`.
    var path: String { directory + "/ledger.sqlite" }

    /// Copies a ledger and what is not yet merged into it.
    ///
    /// - Throws: `ledger_busy` where a run changes it all the while; `ledger_unreadable`.
    init(of state: StateDirectory) throws(LedgerError) {
        directory = try Self.makeTemporaryDirectory()
        // A run commits a few times a second at most.
        for _ in 0..<20 {
            let before = try Self.stamps(of: state.ledgerPath)
            // The ledger last: what is merged into it meanwhile changes its stamp.
            for suffix in ["-wal", ""] {
                try Self.copy(state.ledgerPath + suffix, to: path + suffix)
            }
            if try Self.stamps(of: state.ledgerPath) == before { return }
        }
        throw LedgerError(
            code: .ledgerBusy,
            message: "\(state.ledgerPath) is being changed by a run; try again when it has ended")
    }

    deinit {
        for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
        rmdir(directory)
    }

    /// Whether there is a file.
    ///
    /// - Throws: `ledger_unreadable` where this user may not know or may not read it.
    static func isReadable(_ path: String) throws(LedgerError) -> Bool {
        if access(path, R_OK) == 0 { return true }
        let number = errno
        if number == ENOENT || number == ENOTDIR { return false }
        throw LedgerError(unreadable: path, errno: number)
    }

    private static func makeTemporaryDirectory() throws(LedgerError) -> String {
        var template = Array((NSTemporaryDirectory() + "cdrx-ledger-XXXXXX").utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let made else {
            throw LedgerError(
                FileSystemError(
                    errorNumber: errno, doing: "make a directory in", path: NSTemporaryDirectory()))
        }
        return made
    }

    /// Size and time of last change, of the ledger and of what is not yet merged into it.
    private static func stamps(of path: String) throws(LedgerError) -> [[Int]] {
        var stamps: [[Int]] = []
        for suffix in ["", "-wal"] {
            var status = stat()
            guard stat(path + suffix, &status) == 0 else {
                let number = errno
                guard number == ENOENT else {
                    throw LedgerError(unreadable: path + suffix, errno: number)
                }
                stamps.append([])
                continue
            }
            #if canImport(Darwin)
                let time = status.st_mtimespec
            #else
                let time = status.st_mtim
            #endif
            stamps.append([Int(status.st_size), Int(time.tv_sec), Int(time.tv_nsec)])
        }
        return stamps
    }

    private static func copy(_ source: String, to target: String) throws(LedgerError) {
        unlink(target)
        guard try isReadable(source) else { return }
        do {
            try FileManager.default.copyItem(atPath: source, toPath: target)
        } catch {
            throw LedgerError(
                code: .ledgerUnreadable,
                message: "copying \(source) to \(target), to read it without changing it, failed",
                cause: error)
        }
    }
}

extension LedgerError {
    fileprivate init(unreadable path: String, errno number: Int32) {
        self.init(
            code: .ledgerUnreadable,
            message:
                "\(path) cannot be read: \(String(cString: strerror(number))); run as its owner, "
                + "or let this user's group read the state directory")
    }
}
