/// What readers find of an output: the files of its partitions, in a directory or in an object
/// store.
///
/// Paths are relative to the output's root and have `/` between their parts; the empty one is the
/// root. Calls block; any thread may make them. Nothing is changed.
public protocol PublishedOutput: Sendable {
    /// Path or URI of the root, for messages and lists of files.
    var name: String { get }
    /// Calls that are worth making side by side.
    var laneCount: Int { get }

    /// Whether a listing alone says that bytes are those that were stored: it has their ETag.
    var listsETags: Bool { get }

    /// Every partition below a directory, also those that lost their manifest: directories below
    /// `<stream>/cdrx_account=…`, `<stream>/dt=…` and the like that hold a file.
    func forEachPartition(
        below directory: String, _ body: (PublishedDirectory) throws(PartitionError) -> Void
    ) throws(PartitionError)

    /// The files of one directory, by name; nil where there are none.
    func directory(at path: String) throws(PartitionError) -> PublishedDirectory?

    /// Those of some directories that are there.
    func standing(among directories: [String]) throws(PartitionError) -> Set<String>

    /// A whole small file.
    ///
    /// - Throws: ``PartitionError/Code/storageMissing`` where there is none.
    func contents(of path: String) throws(PartitionError) -> [UInt8]

    /// A file's bytes in pieces, in order; a piece is valid only during the call.
    ///
    /// - Throws: ``PartitionError/Code/storageMissing`` where there is none.
    func read(
        _ path: String, _ receive: (UnsafeRawBufferPointer) -> Void
    ) throws(PartitionError)

    /// Whether a link, a pipe or a device stands where a file should be: it must not be read.
    func isIrregular(_ path: String) throws(PartitionError) -> Bool
}

extension PublishedOutput {
    /// What a path is called in messages and lists of files.
    public func name(of path: String) -> String {
        path.isEmpty ? name : name.isEmpty ? path : name + "/" + path
    }

    /// The manifest of the partition in a directory.
    ///
    /// - Throws: ``PartitionError/Code/manifestUnreadable``, or storage errors.
    public func manifest(in directory: String) throws(PartitionError) -> Manifest {
        let path = directory.isEmpty ? Manifest.fileName : directory + "/" + Manifest.fileName
        return try Manifest(json: contents(of: path), path: name(of: path))
    }
}

/// A directory of an output that holds files.
public struct PublishedDirectory: Hashable, Sendable {
    /// What a listing says of a file.
    public struct Entry: Hashable, Sendable {
        /// nil where a listing does not say it.
        public var byteCount: Int?
        public var etag: String?
    }

    /// Relative to the output's root.
    public var path: String
    /// By name; on a file system directories too.
    public var entries: [String: Entry]

    public init(path: String, entries: [String: Entry] = [:]) {
        self.path = path
        self.entries = entries
    }

    /// Whether it has a manifest.
    public var isPartition: Bool { entries[Manifest.fileName] != nil }

    /// Names in the order of their bytes.
    var names: [String] { entries.keys.sorted() }
}
