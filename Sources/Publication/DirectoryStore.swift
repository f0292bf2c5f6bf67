import BoundedDispatch
import ExportModel
public import FileSystem

/// Partitions as directories on one file system.
///
/// A version is built in `<root>/_staging/<pipeline>.<run id>.<digest>` and swapped in by one
/// rename. Where the file system cannot exchange two directories, the standing version is moved
/// aside first, to `….old`; a file `….target`, durable before the first of the two renames, says to
/// ``recover(_:)`` what to finish or undo.
///
/// What must be durable when: the files and their names before the rename; the rename (one
/// transaction over both directories) and all directories above it before ``publish(_:at:)``
/// returns.
public final class DirectoryStore: PartitionStore {
    static let stagingName = "_staging"
    private static let intentSuffix = ".target"
    private static let asideSuffix = ".old"
    private static let formerSuffix = ".former"

    /// The export's root directory.
    public let root: String
    let pipeline: String
    let files: Files<PartitionError>
    /// Directories that this store made durable, so that thousands of windows sync them once.
    private let durable = Guarded<Set<String>>([])
    /// Held while partitions of manifest version 1 are replaced; see ``FormerPartitions``.
    private let replacingFormer = Guarded(())

    /// - Parameter pipeline: stagings of other pipelines in the same root are left alone.
    public init(root: String, pipeline: String, disk: any Disk) {
        self.root = root
        self.pipeline = pipeline
        files = Files(disk)
    }

    public func makeStaging(
        for location: PartitionLocation, runID: String
    ) throws(PartitionError) -> Staging {
        let digest = ContentDigest.hexadecimal(of: Array(location.relativePath.utf8)).prefix(16)
        let staging = Staging(directory: try stagingPath("\(runID).\(digest)"))
        do {
            try files.makeDirectory(staging.directory)
        } catch {
            // An earlier attempt of this run left one, which it could not remove.
            try discard(staging)
            try files.makeDirectory(staging.directory)
        }
        return staging
    }

    public func standingManifest(at location: PartitionLocation) -> Manifest? {
        readableManifest(in: path(of: location))
    }

    public func manifest(in directory: String) throws(PartitionError) -> Manifest {
        try DirectoryOutput(root: root, disk: files.disk).manifest(in: directory)
    }

    /// The manifest in a directory; nil where there is none that can be read.
    func readableManifest(in directory: String) -> Manifest? {
        do {
            guard try files.status(of: directory + "/" + Manifest.fileName) != nil else {
                return nil
            }
            return try PartitionVerifier(disk: files.disk).manifest(in: directory)
        } catch {
            return nil
        }
    }

    public func publish(
        _ manifest: Manifest, from staging: Staging, at location: PartitionLocation,
        rewriting: Bool
    ) throws(PartitionError) -> StandingVersion {
        if !rewriting, let found = try unchangedManifest(manifest, at: location) {
            return StandingVersion(manifest: found, way: nil)
        }
        try files.syncDirectory(staging.directory)
        try makeDurableParents(of: location)
        let former = FormerPartitions(store: self, directory: staging.directory + Self.formerSuffix)
        let held = manifest.accounts.filter { $0.state == .complete }.map(\.account)
        let replaced = try former.standing(held.map(location.formerly))
        let way: PublicationWay
        if replaced.isEmpty {
            way = try swapIn(staging, at: location)
            try files.syncDirectory(parentPath(of: location))
        } else {
            way = try replacingFormer.withLock { (_) throws(PartitionError) -> PublicationWay in
                try swapIn(staging, at: location, replacing: replaced, former)
            }
        }
        return StandingVersion(manifest: manifest, way: way)
    }

    private func swapIn(
        _ staging: Staging, at location: PartitionLocation, replacing paths: [String],
        _ former: FormerPartitions
    ) throws(PartitionError) -> PublicationWay {
        try former.take(paths)
        let way: PublicationWay
        do {
            way = try swapIn(staging, at: location)
        } catch {
            try former.putBack(paths)
            throw error
        }
        try files.syncDirectory(parentPath(of: location))
        try former.removeEmptiedParents(of: paths)
        return way
    }

    /// The standing manifest, if it describes the same content as `manifest` and all its files
    /// really are there and whole; it is durable then. nil otherwise.
    private func unchangedManifest(
        _ manifest: Manifest, at location: PartitionLocation
    ) throws(PartitionError) -> Manifest? {
        let standing = CurrentVersion(directory: path(of: location), files: files)
        guard let found = standing.manifest(equalTo: manifest) else { return nil }
        // A run may have been killed after the rename and before the sync.
        try makeDurableParents(of: location)
        try files.syncDirectory(parentPath(of: location))
        return found
    }

    public func discard(_ staging: Staging) throws(PartitionError) {
        _ = try settle(staging)
    }

    public func stagedRuns() throws(PartitionError) -> Set<String> {
        Set(try stagings().map(\.runID))
    }

    public func recover(_ runs: Set<String>) throws(PartitionError) -> [RecoveredStaging] {
        var found: [RecoveredStaging] = []
        for (name, runID) in try stagings() where runs.contains(runID) {
            found.append(try settle(Staging(directory: "\(root)/\(Self.stagingName)/\(name)")))
        }
        return found
    }

    /// The pipeline's entries of `_staging`, see ``stagingPath(_:)``, with the runs that made them.
    private func stagings() throws(PartitionError) -> [(name: String, runID: String)] {
        let directory = root + "/" + Self.stagingName
        guard try files.status(of: directory) != nil else { return [] }
        let names = try files.names(in: directory).filter { $0.hasPrefix(pipeline + ".") }
        return Set(names.map(Self.withoutSuffix)).sorted().map { name in
            (name, String(name.dropFirst(pipeline.count + 1).prefix { $0 != "." }))
        }
    }

    private static func withoutSuffix(_ name: String) -> String {
        for suffix in [intentSuffix, asideSuffix, formerSuffix] where name.hasSuffix(suffix) {
            return String(name.dropLast(suffix.count))
        }
        return name
    }

    /// The partition's directory.
    public func path(of location: PartitionLocation) -> String {
        root + "/" + location.relativePath
    }

    public func writeRunFile(_ file: RunFile) throws(PartitionError) -> String {
        let temporary = try stagingPath(file.runID + ".json")
        try files.removeTree(temporary)
        try files.writeDurably(file.json, to: temporary)
        let directory = root + "/" + RunFile.directoryName
        try makeDurable(directory, in: root)
        let path = directory + "/" + file.name
        try files.rename(temporary, to: path)
        try files.syncDirectory(directory)
        return path
    }

    public func runFileNames() throws(PartitionError) -> [String] {
        let directory = root + "/" + RunFile.directoryName
        guard let status = try files.status(of: directory), status.isDirectory else {
            return []
        }
        return try files.names(in: directory)
    }

    public var owners: any PartitionOwners { DirectoryOwners(root: root, disk: files.disk) }

    // MARK: - Publication

    private func swapIn(
        _ staging: Staging, at location: PartitionLocation
    ) throws(PartitionError) -> PublicationWay {
        let target = path(of: location)
        guard try files.status(of: target) != nil else {
            try files.rename(staging.directory, to: target)
            return .first
        }
        if try files.exchange(staging.directory, target) { return .exchanged }
        try renameTwice(staging, at: location)
        return .twoRenames
    }

    private func renameTwice(
        _ staging: Staging, at location: PartitionLocation
    ) throws(PartitionError) {
        let target = path(of: location)
        let aside = staging.directory + Self.asideSuffix
        try files.writeDurably(
            Array(location.relativePath.utf8), to: staging.directory + Self.intentSuffix)
        // The name of `_staging` itself became durable with the stream's directory, see `publish`.
        try files.syncDirectory(root + "/" + Self.stagingName)
        try files.rename(target, to: aside)
        do {
            try files.rename(staging.directory, to: target)
        } catch {
            // If this fails too, the next run's recovery undoes or finishes it.
            try files.rename(aside, to: target)
            throw error
        }
    }

    /// Ends or takes back a publication by two renames that was interrupted, then removes the rest.
    private func settle(_ staging: Staging) throws(PartitionError) -> RecoveredStaging {
        let intent = staging.directory + Self.intentSuffix
        let aside = staging.directory + Self.asideSuffix
        var settled = RecoveredStaging(outcome: .removed, path: staging.directory)
        if try files.status(of: intent) != nil {
            let bytes = try files.contents(of: intent, maximumByteCount: 1 << 16)
            let target = root + "/" + String(decoding: bytes, as: UTF8.self)
            // The standing version was moved aside, and no other took its place.
            if try files.status(of: aside) != nil, try files.status(of: target) == nil {
                let isComplete = try files.status(of: staging.directory) != nil
                try files.rename(isComplete ? staging.directory : aside, to: target)
                try files.syncDirectory(Files<PartitionError>.parent(of: target))
                settled = RecoveredStaging(outcome: isComplete ? .finished : .undone, path: target)
            }
        }
        let former = staging.directory + Self.formerSuffix
        for path in [staging.directory, aside, intent, former] { try files.removeTree(path) }
        return settled
    }

    // MARK: - Directories

    /// Makes sure of `<root>/_staging` and names an entry of it: `<pipeline>.<run id>.…`.
    private func stagingPath(_ name: String) throws(PartitionError) -> String {
        try makeDurableRoot()
        let directory = root + "/" + Self.stagingName
        try files.makeDirectoryIfMissing(directory)
        return "\(directory)/\(pipeline).\(name)"
    }

    private func parentPath(of location: PartitionLocation) -> String {
        Files<PartitionError>.parent(of: path(of: location))
    }

    /// Makes every directory between the root and the partition, durably.
    private func makeDurableParents(of location: PartitionLocation) throws(PartitionError) {
        try makeDurableRoot()
        var path = root
        for component in location.components.dropLast() {
            let parent = path
            path += "/" + component
            try makeDurable(path, in: parent)
        }
    }

    private func makeDurableRoot() throws(PartitionError) {
        guard !durable.withLock({ $0.contains(root) }) else { return }
        try files.makeDurableDirectory(root)
        _ = durable.withLock { $0.insert(root) }
    }

    /// Makes a directory in a durable one and makes its name durable, also where it is there
    /// already: the run that made it may have been killed before its sync.
    private func makeDurable(_ path: String, in parent: String) throws(PartitionError) {
        guard !durable.withLock({ $0.contains(path) }) else { return }
        try files.makeDirectoryIfMissing(path)
        try files.syncDirectory(parent)
        _ = durable.withLock { $0.insert(path) }
    }
}
