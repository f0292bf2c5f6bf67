/// The calls that cdrx makes on a file system: the one seam below everything that is stored, so
/// that tests can put a failing disk there.
///
/// Paths are as the system takes them. Any thread may call. Nothing is durable before it is synced:
/// a file's bytes by ``DiskFile/sync(evictsCache:)``, a directory's entries by
/// ``syncDirectory(_:)``. ``Files`` adds to this what follows from it.
public protocol Disk: Sendable {
    /// Opens a file.
    ///
    /// - Returns: nil where there is none and the mode does not make one.
    func open(_ path: String, _ mode: OpenMode) throws(FileSystemError) -> (any DiskFile)?

    /// What stands at a path (links are not followed); nil where there is nothing.
    func status(of path: String) throws(FileSystemError) -> FileStatus?

    /// Names in a directory, sorted, without `.` and `..`; `ENOENT` where there is no directory.
    func names(in directory: String) throws(FileSystemError) -> [String]

    /// Makes one directory; its parent must exist. `EEXIST` where something has the name.
    ///
    /// - Parameter isPrivate: only its owner may enter it; otherwise whoever the umask lets.
    func makeDirectory(_ path: String, isPrivate: Bool) throws(FileSystemError)

    /// Makes the entries of a directory durable.
    func syncDirectory(_ path: String) throws(FileSystemError)

    /// Renames within the file system. A file at `target` is replaced atomically, but a directory
    /// with entries there is an error.
    func rename(_ path: String, to target: String) throws(FileSystemError)

    /// Swaps two entries atomically; both must exist. ``FileSystemError/isUnsupported`` where the
    /// file system cannot.
    func exchange(_ first: String, _ second: String) throws(FileSystemError)

    /// Removes a file or an empty directory.
    func remove(_ path: String) throws(FileSystemError)
}

/// An open file, closed when its last reference goes. Any thread may call.
public protocol DiskFile: AnyObject, Sendable {
    func byteCount() throws(FileSystemError) -> Int

    /// At most `byteCount` bytes from `offset`; fewer only where the file ends.
    func read(at offset: Int, byteCount: Int) throws(FileSystemError) -> [UInt8]

    /// Writes all of `bytes` at `offset`.
    func write(_ bytes: RawSpan, at offset: Int) throws(FileSystemError)

    func truncate(to byteCount: Int) throws(FileSystemError)

    /// Makes the bytes durable. The file's name is not, see ``Disk/syncDirectory(_:)``.
    ///
    /// - Parameter evictsCache: the system forgets its copy, so that what is read next is what the
    ///   disk holds.
    func sync(evictsCache: Bool) throws(FileSystemError)
}

/// What an opened file is for.
public enum OpenMode: Hashable, Sendable {
    case read
    /// Reading and writing a file that is there.
    case update
    /// Writing a new file; `EEXIST` where something has the name.
    case create(isPrivate: Bool)
    /// Reading and writing a file that is made where there is none.
    case updateOrCreate(isPrivate: Bool)
}

/// What stands at a path.
public struct FileStatus: Hashable, Sendable {
    /// What a name stands for; links are not followed.
    public enum Kind: Hashable, Sendable {
        case file, directory
        /// A link, a pipe, a socket or a device: nothing that cdrx writes.
        case other
    }

    public var kind: Kind
    /// 0 for a directory.
    public var byteCount: Int

    public var isDirectory: Bool { kind == .directory }

    public init(kind: Kind, byteCount: Int) {
        self.kind = kind
        self.byteCount = byteCount
    }
}
