public import ExportModel
public import FileSystem

/// The rejects of windows that were not published because of them: one file a window below the
/// state directory, until the window completes.
public struct KeptRejects: Sendable {
    private let directory: String
    private let files: Files<LedgerError>

    public init(
        _ state: StateDirectory, disk: any Disk = SystemDisk()
    ) {
        directory = state.path + "/rejects"
        files = Files(disk)
    }

    /// Where the rejects of a window are; nil if there are none.
    public func path(of identity: WindowIdentity) throws(LedgerError) -> String? {
        let path = self.file(of: identity)
        return try files.status(of: path) == nil ? nil : path
    }

    /// Writes a file of rejects, in place of an earlier one.
    public func keep(_ bytes: [UInt8], of identity: WindowIdentity) throws(LedgerError) {
        try files.makeDurableDirectory(directory, isPrivate: true)
        let target = file(of: identity)
        let unfinished = target + ".unfinished"
        try files.removeTree(unfinished)
        try files.writeDurably(bytes, to: unfinished, isPrivate: true)
        try files.rename(unfinished, to: target)
        try files.syncDirectory(directory)
    }

    /// Removes what is kept of a window, if anything is.
    public func remove(of identity: WindowIdentity) throws(LedgerError) {
        guard let path = try path(of: identity) else { return }
        try files.remove(path)
    }

    private func file(of identity: WindowIdentity) -> String {
        directory + "/" + StateFileName.make(identity, suffix: ".ndjson.gz")
    }
}
