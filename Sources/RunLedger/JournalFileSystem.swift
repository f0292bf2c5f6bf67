/// The calls that a journal and a lock make to the file system; a seam, so that failing disks and
/// power losses can be modelled.
///
/// Any thread may call. Descriptors are the implementation's own. Data that was written counts as
/// durable after `synchronize` of its file, a name in a directory after `synchronizeDirectory` of
/// that directory, and not before.
public protocol JournalFileSystem: Sendable {
    func exists(_ path: String) -> Bool
    /// Whether this user may list a directory, and so sync it.
    func isReadable(_ directory: String) -> Bool
    /// Opens a file for reading and writing.
    ///
    /// - Returns: nil where there is no such file and none is to be made.
    func open(_ path: String, creating: Bool) throws(LedgerError) -> Int32?
    func byteCount(of descriptor: Int32) throws(LedgerError) -> Int
    /// Fills `buffer` from `offset`; an error if the file ends before.
    func read(
        _ descriptor: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(LedgerError)
    /// Writes all of `bytes` at `offset`.
    func write(
        _ descriptor: Int32, at offset: Int, _ bytes: UnsafeRawBufferPointer
    ) throws(LedgerError)
    func truncate(_ descriptor: Int32, to byteCount: Int) throws(LedgerError)
    func synchronize(_ descriptor: Int32) throws(LedgerError)
    func close(_ descriptor: Int32)
    func rename(_ path: String, to newPath: String) throws(LedgerError)
    func remove(_ path: String) throws(LedgerError)
    /// Makes one directory, whose parent exists.
    ///
    /// - Parameter isPrivate: only its owner may enter it; else whoever the umask lets.
    func makeDirectory(_ path: String, isPrivate: Bool) throws(LedgerError)
    func synchronizeDirectory(_ path: String) throws(LedgerError)
    /// Names in a directory in any order; none where there is no such directory.
    func names(in directory: String) throws(LedgerError) -> [String]
}

extension JournalFileSystem {
    /// Makes a private directory, and those above it where they are missing; durable when the call
    /// returns.
    ///
    /// The parent of one that is there is synced too, where that is allowed: whoever made it may
    /// have been killed before the sync.
    public func makeDurableDirectory(
        _ path: String, isPrivate: Bool = true
    ) throws(LedgerError) {
        let parent = Self.parent(of: path)
        let directory = parent.isEmpty ? "." : parent
        if exists(path) {
            if isReadable(directory) { try synchronizeDirectory(directory) }
            return
        }
        if directory != path { try makeDurableDirectory(directory, isPrivate: false) }
        try makeDirectory(path, isPrivate: isPrivate)
        try synchronizeDirectory(directory)
    }

    /// The path without its last component; empty where a relative path has only one.
    static func parent(of path: String) -> String {
        var trimmed = path[...]
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard let slash = trimmed.lastIndex(of: "/") else { return "" }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }
}
