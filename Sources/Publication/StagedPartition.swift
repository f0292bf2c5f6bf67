import FileSystem

/// The files of a partition's next version, in a directory that no reader sees. For one thread.
///
/// Ends with ``prepare(_:)`` or ``abandon()``; after an error only `abandon` may be called.
public final class StagedPartition {
    /// Where the version will stand.
    public let location: PartitionLocation
    private let staging: Staging
    private let store: any PartitionStore
    private let files: Files<PartitionError>

    init(
        at location: PartitionLocation, runID: String, store: any PartitionStore,
        files: Files<PartitionError>
    ) throws(PartitionError) {
        self.location = location
        self.store = store
        self.files = files
        staging = try store.makeStaging(for: location, runID: runID)
    }

    /// Makes a file of the version.
    public func makeFile(_ name: String) throws(PartitionError) -> StagedFile {
        try StagedFile(name, in: staging.directory, files: files)
    }

    /// The path of a file while it is staged.
    public func path(of name: String) -> String { staging.directory + "/" + name }

    /// Writes `_manifest.json`, and `_SUCCESS` where all accounts are there. All other files are finished. Nothing is visible to
    /// readers yet.
    ///
    /// - Throws: ``PartitionError/Code/rereadDiffers``, or storage errors.
    public func prepare(_ manifest: Manifest) throws(PartitionError) -> PreparedPartition {
        try writeAndReadBack(manifest)
        return PreparedPartition(
            manifest: manifest, location: location, staging: staging, store: store)
    }

    /// Removes what was written; readers never saw it.
    public func abandon() throws(PartitionError) {
        try store.discard(staging)
    }

    /// Both files are made before either is synced, so that one transaction of the file system's
    /// journal takes both.
    private func writeAndReadBack(_ manifest: Manifest) throws(PartitionError) {
        let path = path(of: Manifest.fileName)
        let bytes = manifest.json
        let file = try files.create(path)
        var written = [file]
        if manifest.complete {
            written.append(try files.create(self.path(of: Manifest.successName)))
        }
        try file.append(bytes)
        for file in written { try file.sync(evictsCache: true) }
        guard try files.contents(of: path) == bytes else {
            throw PartitionError(
                .rereadDiffers,
                "\(path) does not hold what was written; nothing was published, check the disk")
        }
    }
}
