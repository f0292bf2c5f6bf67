import CFileSystem

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The machine's own file system through POSIX calls. Calls that a signal interrupted are made
/// again, short writes are continued.
public struct SystemFileSystem: FileSystem {
    private static let readByteCount = 1 << 18
    /// Deeper trees than this are not ours and not removed.
    private static let mostDepth = 16

    public init() {}

    public func makeDirectory(at path: String) throws(PartitionError) {
        try check(mkdir(path, 0o777), "make the directory", path)
    }

    public func createFile(at path: String) throws(PartitionError) -> any OutputFile {
        try SystemOutputFile(opening: path, O_CREAT | O_EXCL)
    }

    public func syncDirectory(at path: String) throws(PartitionError) {
        let descriptor = try retrying("open the directory", path) {
            open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        defer { close(descriptor) }
        do {
            _ = try retrying("sync the directory", path) { fsync(descriptor) }
        } catch  where error.isUnsupported {
            // The file system does not know the call for directories (FUSE, CIFS): it keeps
            // their entries durable by itself, or nothing can.
        }
    }

    public func rename(_ from: String, to: String) throws(PartitionError) {
        #if canImport(Glibc)
            let status = Glibc.rename(from, to)
        #else
            let status = Darwin.rename(from, to)
        #endif
        try check(status, "rename \(from) to", to)
    }

    public func exchange(_ first: String, _ second: String) throws(PartitionError) {
        try check(cfs_rename_exchange(first, second), "swap \(first) with", second)
    }

    public func removeTree(at path: String) throws(PartitionError) {
        try removeTree(at: path, depth: 0)
    }

    public func list(_ path: String) throws(PartitionError) -> [String] {
        guard let directory = opendir(path) else {
            throw PartitionError(errorNumber: errno, doing: "list", path: path)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(directory) else {
                if errno != 0 {
                    throw PartitionError(errorNumber: errno, doing: "list", path: path)
                }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
                    String(cString: $0)
                }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    public func readFile(
        at path: String, to sink: (UnsafeRawBufferPointer) throws(PartitionError) -> Void
    ) throws(PartitionError) {
        let descriptor = try retrying("open", path) { open(path, O_RDONLY | O_CLOEXEC) }
        defer { close(descriptor) }
        // Most files are manifests: a large buffer would be mapped and unmapped for each.
        var info = stat()
        let expected = fstat(descriptor, &info) == 0 ? Int(info.st_size) : Self.readByteCount
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(max(expected, 1 << 12), Self.readByteCount), alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try retrying("read", path) {
                read(descriptor, buffer.baseAddress, buffer.count)
            }
            if count == 0 { return }
            try sink(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    public func status(of path: String) throws(PartitionError) -> FileStatus? {
        var info = stat()
        guard lstat(path, &info) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw PartitionError(errorNumber: errno, doing: "look at", path: path)
        }
        switch info.st_mode & S_IFMT {
        case S_IFDIR: return FileStatus(kind: .directory, byteCount: 0)
        case S_IFREG: return FileStatus(kind: .file, byteCount: Int(info.st_size))
        default: return FileStatus(kind: .other, byteCount: Int(info.st_size))
        }
    }

    private func removeTree(at path: String, depth: Int) throws(PartitionError) {
        guard let found = try status(of: path) else { return }
        guard found.isDirectory else { return try check(unlink(path), "remove", path) }
        guard depth < Self.mostDepth else {
            throw PartitionError(
                .storageFailed, "\(path) lies deeper than anything cdrx writes; it is left alone")
        }
        for name in try list(path) { try removeTree(at: path + "/" + name, depth: depth + 1) }
        try check(rmdir(path), "remove", path)
    }
}

/// A file descriptor that is written from the beginning.
final class SystemOutputFile: OutputFile {
    private var descriptor: Int32?
    private let path: String

    /// - Parameter flags: besides those for writing.
    init(opening path: String, _ flags: Int32 = 0) throws(PartitionError) {
        self.path = path
        descriptor = try retrying("create", path) {
            systemOpen(path, O_WRONLY | O_CLOEXEC | flags, 0o666)
        }
    }

    deinit {
        if let descriptor { systemClose(descriptor) }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(PartitionError) {
        let descriptor = open()
        var rest = bytes
        while !rest.isEmpty {
            let count = try retrying("write", path) {
                systemWrite(descriptor, rest.baseAddress, rest.count)
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    func sync() throws(PartitionError) {
        let descriptor = open()
        _ = try retrying("sync", path) { fsync(descriptor) }
        #if os(Linux)
            // What is read next is then what the disk holds, not what memory still does. Advice
            // only: a file system in memory has nothing else to read from.
            _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
        #endif
    }

    func close() throws(PartitionError) {
        let descriptor = open()
        self.descriptor = nil
        // The descriptor is gone even where a signal interrupts the call: never tried again.
        guard systemClose(descriptor) == 0 || errno == EINTR else {
            throw PartitionError(errorNumber: errno, doing: "close", path: path)
        }
    }

    private func open() -> Int32 {
        guard let descriptor else { preconditionFailure("a closed file takes no calls") }
        return descriptor
    }
}

#if canImport(Glibc)
    private let systemWrite = Glibc.write
    private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
        Glibc.open(path, flags, mode)
    }
    @discardableResult private func systemClose(_ descriptor: Int32) -> Int32 {
        Glibc.close(descriptor)
    }
#else
    private let systemWrite = Darwin.write
    private func systemOpen(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
        Darwin.open(path, flags, mode)
    }
    @discardableResult private func systemClose(_ descriptor: Int32) -> Int32 {
        Darwin.close(descriptor)
    }
#endif

private func check(_ status: Int32, _ doing: String, _ path: String) throws(PartitionError) {
    guard status == 0 else { throw PartitionError(errorNumber: errno, doing: doing, path: path) }
}

/// The result of a call that answers -1 on failure; made again while signals interrupt it.
private func retrying<Number: SignedInteger>(
    _ doing: String, _ path: String, _ call: () -> Number
) throws(PartitionError) -> Number {
    while true {
        let result = call()
        if result >= 0 { return result }
        let failed = errno
        if failed != EINTR { throw PartitionError(errorNumber: failed, doing: doing, path: path) }
    }
}
