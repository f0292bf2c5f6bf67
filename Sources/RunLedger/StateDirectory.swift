import ExportModel
import Foundation

/// The files of one ledger, below `<output.path>/_state` or the pipeline's `state`.
public struct StateDirectory: Hashable, Sendable {
    public let path: String

    public init(path: String) {
        self.path = path
    }

    public var ledgerPath: String { path + "/ledger.sqlite" }
    public var lockPath: String { path + "/lock" }
    /// The locks of runs in shards, in the state directory of an output.
    var shardLocksPath: String { path + "/shards" }
    /// One file for each published partition, see ``RowDigestFile``.
    public var rowsPath: String { path + "/rows" }
    /// Where these files are written: few, however many lie beside them.
    public var unfinishedRowsPath: String { path + "/rows-new" }

    /// Whether both are one directory, however they are written.
    public func isSame(as other: StateDirectory) -> Bool {
        Self.resolved(path) == Self.resolved(other.path)
    }

    /// What the ledger calls an output directory: its path without links, or the way there from a
    /// state directory that lies in it, so that both can be moved together. An object store's
    /// ``ObjectStoreLocation/identity`` is its name.
    public func name(ofOutput output: String) -> String {
        if output.hasPrefix(ObjectStoreLocation.scheme) { return output }
        let output = Self.resolved(output)
        let state = Self.resolved(path)
        guard state.count > output.count, state.starts(with: output) else {
            return "/" + output.joined(separator: "/")
        }
        return Array(repeating: "..", count: state.count - output.count).joined(separator: "/")
    }

    /// The components of a path without links; what does not exist stays as it is written.
    private static func resolved(_ path: String) -> [String] {
        var existing = URL(fileURLWithPath: path).standardizedFileURL.path
        var missing: [String] = []
        while existing != "/" {
            if let found = realpath(existing, nil) {
                defer { free(found) }
                existing = String(cString: found)
                break
            }
            missing.append((existing as NSString).lastPathComponent)
            existing = (existing as NSString).deletingLastPathComponent
        }
        return existing.split(separator: "/").map(String.init) + missing.reversed()
    }
}
