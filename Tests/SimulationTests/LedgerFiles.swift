import Foundation

/// The ledger's files, the one part that is not simulated: what stood in them when the process was
/// killed is put back after its thread has wound down.
struct LedgerFiles: Sendable {
    let directory: String

    private static let names = ["ledger.sqlite", "ledger.sqlite-wal"]

    /// What stands there now.
    func snapshot() -> [String: Data] {
        var found: [String: Data] = [:]
        for name in Self.names {
            found[name] = FileManager.default.contents(atPath: directory + "/" + name)
        }
        return found
    }

    /// Puts back what stood there; SQLite makes its index of the log anew.
    func restore(_ files: [String: Data]) throws {
        for name in Self.names + ["ledger.sqlite-shm"] {
            let path = directory + "/" + name
            if FileManager.default.fileExists(atPath: path) {
                try FileManager.default.removeItem(atPath: path)
            }
            if let data = files[name] { try data.write(to: URL(fileURLWithPath: path)) }
        }
    }
}
