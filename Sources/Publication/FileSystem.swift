/// The calls that publication makes on a file system, so that tests can put another one beneath.
///
/// Paths are as the system takes them. Every function may be called from any thread and throws
/// ``PartitionError`` with the system's `errno`. Nothing is durable before it is synced: a file's
/// bytes by ``OutputFile/sync()``, a directory's entries by ``syncDirectory(at:)``.
public protocol FileSystem: Sendable {
    /// Makes one directory; its parent must exist. `EEXIST` where something has the name.
    func makeDirectory(at path: String) throws(PartitionError)

    /// Makes a file that must not exist yet (`EEXIST`).
    func createFile(at path: String) throws(PartitionError) -> any OutputFile

    /// Makes the entries of a directory durable.
    func syncDirectory(at path: String) throws(PartitionError)

    /// Renames within the file system. A file at `to` is replaced atomically, but a directory
    /// with entries there is an error.
    func rename(_ from: String, to: String) throws(PartitionError)

    /// Swaps two entries atomically; both must exist. `EINVAL`, `ENOSYS` or `ENOTSUP` where the
    /// file system cannot.
    func exchange(_ first: String, _ second: String) throws(PartitionError)

    /// Removes a file or a directory with all it holds; nothing happens where there is none.
    func removeTree(at path: String) throws(PartitionError)

    /// Names in a directory, sorted, without `.` and `..`.
    func list(_ path: String) throws(PartitionError) -> [String]

    /// Hands a file to `sink` in order, in pieces of at most 256 KiB that are valid only during
    /// the call.
    func readFile(
        at path: String, to sink: (UnsafeRawBufferPointer) throws(PartitionError) -> Void
    ) throws(PartitionError)

    /// What stands at a path (links are not followed); nil where there is nothing.
    func status(of path: String) throws(PartitionError) -> FileStatus?
}

/// A file being written from its beginning. For one thread at a time.
public protocol OutputFile: AnyObject {
    /// Appends all of `bytes`.
    func write(_ bytes: UnsafeRawBufferPointer) throws(PartitionError)

    /// Makes the bytes durable, and lets the system forget its copy of them, so that they are read
    /// back from the disk. The name is not durable yet, see ``FileSystem/syncDirectory(at:)``.
    func sync() throws(PartitionError)

    /// Ends the writing. Called once; a file that is dropped without it is closed too.
    func close() throws(PartitionError)
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

extension FileSystem {
    /// A whole file of at most `maximumByteCount` bytes.
    func contents(
        of path: String, maximumByteCount: Int = 1 << 26
    ) throws(PartitionError) -> [UInt8] {
        guard try status(of: path)?.kind != .other else { throw .irregular(path) }
        var bytes: [UInt8] = []
        try readFile(at: path) { (piece) throws(PartitionError) in
            guard bytes.count + piece.count <= maximumByteCount else {
                throw PartitionError(
                    .storageFailed,
                    "\(path) is larger than \(maximumByteCount) bytes; it is not ours")
            }
            bytes.append(contentsOf: piece)
        }
        return bytes
    }

    /// Makes a file with these bytes and makes the bytes durable.
    func writeDurably(_ bytes: [UInt8], to path: String) throws(PartitionError) {
        let file = try createFile(at: path)
        try file.write(bytes)
        try file.sync()
        try file.close()
    }
}

extension OutputFile {
    /// Appends all of `bytes`.
    func write(_ bytes: [UInt8]) throws(PartitionError) {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(PartitionError) in try write(buffer) }
        }
        try result.get()
    }
}
