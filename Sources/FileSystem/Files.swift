/// The calls of a disk as one target makes them: they throw its own error type, and what takes
/// several calls is one here.
public struct Files<Failure: FileSystemFailure>: Sendable {
    /// Deeper trees than this are not ours and not removed.
    private static var maximumDepth: Int { 16 }

    public let disk: any Disk

    public init(_ disk: any Disk) {
        self.disk = disk
    }

    /// See ``Disk/status(of:)``.
    public func status(of path: String) throws(Failure) -> FileStatus? {
        do { return try disk.status(of: path) } catch { throw Failure(error) }
    }

    /// See ``Disk/names(in:)``.
    public func names(in directory: String) throws(Failure) -> [String] {
        do { return try disk.names(in: directory) } catch { throw Failure(error) }
    }

    /// See ``Disk/makeDirectory(_:isPrivate:)``.
    public func makeDirectory(_ path: String, isPrivate: Bool = false) throws(Failure) {
        do { try disk.makeDirectory(path, isPrivate: isPrivate) } catch { throw Failure(error) }
    }

    /// See ``Disk/syncDirectory(_:)``.
    public func syncDirectory(_ path: String) throws(Failure) {
        do { try disk.syncDirectory(path) } catch { throw Failure(error) }
    }

    /// See ``Disk/rename(_:to:)``.
    public func rename(_ path: String, to target: String) throws(Failure) {
        do { try disk.rename(path, to: target) } catch { throw Failure(error) }
    }

    /// See ``Disk/exchange(_:_:)``.
    ///
    /// - Returns: whether the file system knows the call.
    public func exchange(_ first: String, _ second: String) throws(Failure) -> Bool {
        do {
            try disk.exchange(first, second)
            return true
        } catch {
            if error.isUnsupported { return false }
            throw Failure(error)
        }
    }

    /// See ``Disk/remove(_:)``.
    public func remove(_ path: String) throws(Failure) {
        do { try disk.remove(path) } catch { throw Failure(error) }
    }

    /// See ``Disk/open(_:_:)``.
    public func open(_ path: String, _ mode: OpenMode) throws(Failure) -> OpenFile<Failure>? {
        do { return try disk.open(path, mode).map(OpenFile.init) } catch { throw Failure(error) }
    }

    // MARK: - What takes several calls

    /// ``open(_:_:)`` where the file must be there or is made.
    public func require(_ path: String, _ mode: OpenMode) throws(Failure) -> OpenFile<Failure> {
        guard let file = try open(path, mode) else { throw Failure(.missing(path)) }
        return file
    }

    /// Opens a file that must be there, to be read from its beginning.
    public func reader(of path: String) throws(Failure) -> FileReader<Failure> {
        try FileReader(require(path, .read))
    }

    /// Makes a file that must not be there, to be written from its beginning.
    public func create(
        _ path: String, isPrivate: Bool = false
    ) throws(Failure) -> FileWriter<Failure> {
        FileWriter(try require(path, .create(isPrivate: isPrivate)))
    }

    /// A whole file of at most `maximumByteCount` bytes.
    public func contents(
        of path: String, maximumByteCount: Int = 1 << 26
    ) throws(Failure) -> [UInt8] {
        guard try status(of: path)?.kind != .other else { throw Failure(.irregular(path)) }
        let reader = try reader(of: path)
        var bytes: [UInt8] = []
        while let piece = try reader.next() {
            guard bytes.count + piece.count <= maximumByteCount else {
                throw Failure(
                    FileSystemError(
                        .failed, "\(path) is larger than \(maximumByteCount) bytes; it is not ours")
                )
            }
            bytes += piece
        }
        return bytes
    }

    /// Makes a file with these bytes and makes the bytes durable.
    public func writeDurably(
        _ bytes: [UInt8], to path: String, isPrivate: Bool = false
    ) throws(Failure) {
        let file = try create(path, isPrivate: isPrivate)
        try file.append(bytes)
        try file.sync()
    }

    /// Makes a directory, and those above it where they are missing; durable when the call returns.
    ///
    /// The name of one that is there is made durable too: whoever made it may have been killed
    /// before the sync. Where this user may not read the directory above, no run of theirs made it.
    ///
    /// - Parameter isPrivate: of the last one; those above are as the umask lets.
    public func makeDurableDirectory(
        _ path: String, isPrivate: Bool = false
    ) throws(Failure) {
        let parent = Self.parent(of: path)
        guard parent != path else { return }
        if try status(of: path) != nil { return try syncIfAllowed(parent) }
        try makeDurableDirectory(parent)
        try makeDirectoryIfMissing(path, isPrivate: isPrivate)
        try syncDirectory(parent)
    }

    /// ``makeDirectory(_:isPrivate:)``, content with one that another lane or run made.
    public func makeDirectoryIfMissing(_ path: String, isPrivate: Bool = false) throws(Failure) {
        do {
            try disk.makeDirectory(path, isPrivate: isPrivate)
        } catch {
            guard try status(of: path)?.isDirectory == true else { throw Failure(error) }
        }
    }

    private func syncIfAllowed(_ directory: String) throws(Failure) {
        do {
            try disk.syncDirectory(directory)
        } catch {
            if error.code != .denied { throw Failure(error) }
        }
    }

    /// The path without its last component; `.` where a relative path has only one.
    public static func parent(of path: String) -> String {
        var trimmed = path[...]
        while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard let slash = trimmed.lastIndex(of: "/") else { return "." }
        return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
    }

    /// Removes a file or a directory with all it holds; nothing happens where there is none.
    public func removeTree(_ path: String) throws(Failure) {
        try removeTree(path, depth: 0)
    }

    private func removeTree(_ path: String, depth: Int) throws(Failure) {
        guard let found = try status(of: path) else { return }
        if found.isDirectory {
            guard depth < Self.maximumDepth else {
                throw Failure(
                    FileSystemError(
                        .failed, "\(path) lies deeper than anything cdrx writes; it is left alone"))
            }
            for name in try names(in: path) {
                try removeTree(path + "/" + name, depth: depth + 1)
            }
        }
        try remove(path)
    }
}
