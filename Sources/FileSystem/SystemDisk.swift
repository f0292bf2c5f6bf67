import CFileSystem

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The machine's own file system through POSIX calls. Calls that a signal interrupted are made
/// again, short reads and writes are continued.
public struct SystemDisk: Disk {
    public init() {}

    public func open(_ path: String, _ mode: OpenMode) throws(FileSystemError) -> (any DiskFile)? {
        do {
            return try openFile(path, mode)
        } catch  where error.isMissing && mode.flags & O_CREAT == 0 {
            return nil
        }
    }

    /// ``open(_:_:)`` of a file that is there or is made, with its descriptor in reach.
    public func openFile(_ path: String, _ mode: OpenMode) throws(FileSystemError) -> SystemFile {
        try SystemFile(path, mode.flags, mode.permissions)
    }

    public func status(of path: String) throws(FileSystemError) -> FileStatus? {
        var info = stat()
        guard lstat(path, &info) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileSystemError(errorNumber: errno, doing: "look at", path: path)
        }
        switch info.st_mode & S_IFMT {
        case S_IFDIR: return FileStatus(kind: .directory, byteCount: 0)
        case S_IFREG: return FileStatus(kind: .file, byteCount: Int(info.st_size))
        default: return FileStatus(kind: .other, byteCount: Int(info.st_size))
        }
    }

    public func names(in directory: String) throws(FileSystemError) -> [String] {
        guard let stream = opendir(directory) else {
            throw FileSystemError(errorNumber: errno, doing: "list", path: directory)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else {
            throw FileSystemError(errorNumber: errno, doing: "list", path: directory)
        }
        return names.sorted()
    }

    public func makeDirectory(_ path: String, isPrivate: Bool) throws(FileSystemError) {
        try check(mkdir(path, isPrivate ? 0o700 : 0o777), "make the directory", path)
    }

    public func syncDirectory(_ path: String) throws(FileSystemError) {
        do {
            try SystemFile(path, O_RDONLY | O_DIRECTORY, 0).sync(evictsCache: false)
        } catch  where error.isUnsupported {
            // The file system does not know the call for directories (FUSE, CIFS): it keeps
            // their entries durable by itself, or nothing can.
        }
    }

    public func rename(_ path: String, to target: String) throws(FileSystemError) {
        try check(systemRename(path, target), "rename \(path) to", target)
    }

    public func exchange(_ first: String, _ second: String) throws(FileSystemError) {
        try check(cfs_rename_exchange(first, second), "swap \(first) with", second)
    }

    public func remove(_ path: String) throws(FileSystemError) {
        let isDirectory = try status(of: path)?.isDirectory == true
        try check(isDirectory ? rmdir(path) : unlink(path), "remove", path)
    }

    /// Takes a file or directory from everyone but its owner and its group, where this user may.
    public func hideFromOthers(_ path: String) {
        var info = stat()
        guard stat(path, &info) == 0, info.st_mode & 0o007 != 0 else { return }
        // What belongs to somebody else is theirs to hide.
        _ = chmod(path, info.st_mode & 0o770)
    }

    private func check(
        _ status: Int32, _ doing: String, _ path: String
    ) throws(FileSystemError) {
        guard status == 0 else {
            throw FileSystemError(errorNumber: errno, doing: doing, path: path)
        }
    }
}

/// A file descriptor.
public final class SystemFile: DiskFile {
    /// Valid as long as this object.
    public let descriptor: Int32
    private let path: String

    fileprivate init(
        _ path: String, _ flags: Int32, _ permissions: mode_t
    ) throws(FileSystemError) {
        self.path = path
        descriptor = try Self.retrying(flags & O_CREAT == 0 ? "open" : "create", path) {
            systemOpen(path, flags | O_CLOEXEC, permissions)
        }
    }

    deinit {
        // Nothing is lost if this fails: what counts was synced before.
        close(descriptor)
    }

    public func byteCount() throws(FileSystemError) -> Int {
        var info = stat()
        _ = try Self.retrying("look at", path) { fstat(descriptor, &info) }
        return Int(info.st_size)
    }

    public func read(at offset: Int, byteCount: Int) throws(FileSystemError) -> [UInt8] {
        var failure: FileSystemError?
        let bytes = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
            do throws(FileSystemError) {
                var isEnded = false
                while count < byteCount, !isEnded {
                    let done = try Self.retrying("read", path) {
                        pread(
                            descriptor, buffer.baseAddress?.advanced(by: count),
                            byteCount - count, off_t(offset + count))
                    }
                    count += done
                    isEnded = done == 0
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    public func write(_ bytes: RawSpan, at offset: Int) throws(FileSystemError) {
        try bytes.withUnsafeBytes { (bytes) throws(FileSystemError) in
            var count = 0
            while count < bytes.count {
                let done = try Self.retrying("write", path) {
                    pwrite(
                        descriptor, bytes.baseAddress?.advanced(by: count), bytes.count - count,
                        off_t(offset + count))
                }
                guard done > 0 else {
                    throw FileSystemError(errorNumber: EIO, doing: "write", path: path)
                }
                count += done
            }
        }
    }

    public func truncate(to byteCount: Int) throws(FileSystemError) {
        _ = try Self.retrying("truncate", path) { ftruncate(descriptor, off_t(byteCount)) }
    }

    public func sync(evictsCache: Bool) throws(FileSystemError) {
        #if canImport(Darwin)
            // There fsync leaves data in the drive's cache.
            if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
        #endif
        _ = try Self.retrying("sync", path) { fsync(descriptor) }
        #if os(Linux)
            // Advice only: a file system in memory has nothing else to read from.
            if evictsCache { _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED) }
        #endif
    }

    /// Takes the file's lock (`flock`) without waiting.
    ///
    /// - Parameter isShared: others may hold it at the same time, if theirs is shared too.
    /// - Returns: false where another open file holds it.
    public func lock(isShared: Bool = false) throws(FileSystemError) -> Bool {
        let operation = (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB
        do {
            _ = try Self.retrying("lock", path) { flock(descriptor, operation) }
            return true
        } catch  where error.errorNumber == EWOULDBLOCK {
            return false
        }
    }

    /// Gives the lock back, also where a child process has inherited the descriptor.
    public func unlock() {
        _ = flock(descriptor, LOCK_UN)
    }

    /// The result of a call that answers -1 on failure; made again while signals interrupt it.
    private static func retrying<Number: SignedInteger>(
        _ doing: String, _ path: String, _ call: () -> Number
    ) throws(FileSystemError) -> Number {
        while true {
            let result = call()
            if result >= 0 { return result }
            let failed = errno
            if failed != EINTR {
                throw FileSystemError(errorNumber: failed, doing: doing, path: path)
            }
        }
    }
}

extension OpenMode {
    fileprivate var flags: Int32 {
        switch self {
        case .read: O_RDONLY
        case .update: O_RDWR
        case .create: O_RDWR | O_CREAT | O_EXCL
        case .updateOrCreate: O_RDWR | O_CREAT
        }
    }

    fileprivate var permissions: mode_t {
        switch self {
        case .read, .update: 0
        case .create(let isPrivate), .updateOrCreate(let isPrivate): isPrivate ? 0o600 : 0o666
        }
    }
}

// Where a type has functions of these names, they hide the C library's.
private func systemOpen(_ path: String, _ flags: Int32, _ permissions: mode_t) -> Int32 {
    open(path, flags, permissions)
}
private func systemRename(_ path: String, _ target: String) -> Int32 { rename(path, target) }
