public import ExportModel
import FileSystem

/// The right to write below a local output directory, for runs whose ledger lies elsewhere: one run
/// at a time, or several that are different shards of the same number.
///
/// A run of all accounts holds `<output>/_state/lock` alone. Shards share it, and each holds
/// `<output>/_state/shards/<pipeline>.<i>-of-<n>.lock` besides.
public struct OutputLock: Sendable {
    private let locks: [LockFile]

    /// Takes the lock at once or not at all, and makes its directory where it is missing.
    ///
    /// - Throws: `output_locked`, whose message names a holder; `state_unwritable`.
    public static func acquire(
        _ output: String, pipeline: String, shard: Shard?, as holder: LockHolder
    ) throws(LedgerError) -> OutputLock {
        let files = Files<LedgerError>(SystemDisk())
        let state = StateDirectory(path: output + "/_state")
        let directory = state.shardLocksPath
        try files.makeDurableDirectory(state.path, isPrivate: true)
        let whole = try LockFile(state.lockPath)
        guard let shard else {
            guard try whole.lock(as: holder) else {
                throw locked(output, by: try currentHolder(of: whole, in: state))
            }
            return OutputLock(locks: [whole])
        }
        try files.makeDurableDirectory(directory, isPrivate: true)
        guard try whole.lock(as: nil) else { throw locked(output, by: whole.holder) }
        let own = try LockFile(directory + "/" + name(of: shard, pipeline))
        guard try own.lock(as: holder) else { throw locked(output, by: own.holder) }
        // After the own lock was taken: of two runs in other numbers one sees the other.
        for name in try names(in: directory) where isOfOtherCount(name, pipeline, shard) {
            let other = try LockFile(directory + "/" + name)
            guard try other.lock(as: nil) else { throw locked(output, by: other.holder) }
        }
        return OutputLock(locks: [whole, own])
    }

    private static func name(of shard: Shard, _ pipeline: String) -> String {
        "\(pipeline).\(shard.fileName).lock"
    }

    /// Whether a file is the lock of a shard that may hold accounts of this one's, since there are
    /// more shards of its kind, or fewer.
    private static func isOfOtherCount(_ name: String, _ pipeline: String, _ own: Shard) -> Bool {
        name.hasPrefix(pipeline + ".") && !name.hasSuffix("-of-\(own.count).lock")
    }

    private static func names(in directory: String) throws(LedgerError) -> [String] {
        let files = Files<LedgerError>(SystemDisk())
        guard try files.status(of: directory) != nil else { return [] }
        return try files.names(in: directory).filter { $0.hasSuffix(".lock") }
    }

    /// Who holds the lock of a state directory: of shards that share it, the one that began last.
    static func currentHolder(
        of lock: LockFile, in state: StateDirectory
    ) throws(LedgerError) -> LockHolder? {
        guard try lock.lock(as: nil) else { return lock.holder }
        var newest: LockHolder?
        for name in try names(in: state.shardLocksPath) {
            let holder = try LockFile(state.shardLocksPath + "/" + name).holder
            guard let holder, newest.map({ $0.startedAt < holder.startedAt }) ?? true else {
                continue
            }
            newest = holder
        }
        return newest
    }

    private static func locked(_ output: String, by holder: LockHolder?) -> LedgerError {
        LedgerError(
            code: .outputLocked,
            message: "the output \(output) is held by \(LockHolder.name(of: holder)); wait until "
                + "it ends or stop it")
    }
}
