#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The machine's own file system.
public struct LocalFileSystem: JournalFileSystem {
    public init() {}

    public func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    public func isReadable(_ directory: String) -> Bool {
        access(directory, R_OK) == 0
    }

    public func open(_ path: String, creating: Bool) throws(LedgerError) -> Int32? {
        let flags = O_RDWR | O_CLOEXEC | (creating ? O_CREAT : 0)
        while true {
            #if canImport(Glibc)
                let descriptor = Glibc.open(path, flags, 0o600)
            #elseif canImport(Musl)
                let descriptor = Musl.open(path, flags, 0o600)
            #else
                let descriptor = Darwin.open(path, flags, 0o600)
            #endif
            if descriptor >= 0 { return descriptor }
            let number = errno
            if number == ENOENT, !creating { return nil }
            if number != EINTR { throw LedgerError(errno: number, "opening", path) }
        }
    }

    public func byteCount(of descriptor: Int32) throws(LedgerError) -> Int {
        let count = lseek(descriptor, 0, SEEK_END)
        guard count >= 0 else { throw LedgerError(errno: errno, "measuring", "a state file") }
        return Int(count)
    }

    public func read(
        _ descriptor: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(LedgerError) {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done,
                off_t(offset + done))
            if count == 0 {
                throw LedgerError(errno: EIO, "reading past the end of", "a state file")
            }
            if count > 0 {
                done += count
            } else {
                try retryIfInterrupted("reading", "a state file")
            }
        }
    }

    public func write(
        _ descriptor: Int32, at offset: Int, _ bytes: UnsafeRawBufferPointer
    ) throws(LedgerError) {
        var done = 0
        while done < bytes.count {
            let count = pwrite(
                descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done,
                off_t(offset + done))
            if count > 0 {
                done += count
            } else {
                try retryIfInterrupted("writing", "a state file")
            }
        }
    }

    public func truncate(_ descriptor: Int32, to byteCount: Int) throws(LedgerError) {
        while ftruncate(descriptor, off_t(byteCount)) != 0 {
            try retryIfInterrupted("truncating", "a state file")
        }
    }

    public func synchronize(_ descriptor: Int32) throws(LedgerError) {
        #if canImport(Darwin)
            // There fsync leaves data in the drive's cache.
            if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
        #endif
        while fsync(descriptor) != 0 { try retryIfInterrupted("syncing", "a state file") }
    }

    public func close(_ descriptor: Int32) {
        #if canImport(Glibc)
            _ = Glibc.close(descriptor)
        #elseif canImport(Musl)
            _ = Musl.close(descriptor)
        #else
            _ = Darwin.close(descriptor)
        #endif
    }

    public func rename(_ path: String, to newPath: String) throws(LedgerError) {
        #if canImport(Glibc)
            let result = Glibc.rename(path, newPath)
        #elseif canImport(Musl)
            let result = Musl.rename(path, newPath)
        #else
            let result = Darwin.rename(path, newPath)
        #endif
        guard result == 0 else { throw LedgerError(errno: errno, "renaming", path) }
    }

    public func remove(_ path: String) throws(LedgerError) {
        guard unlink(path) == 0 else { throw LedgerError(errno: errno, "removing", path) }
    }

    public func makeDirectory(_ path: String, isPrivate: Bool) throws(LedgerError) {
        // Another lane may have made it since it was looked for.
        guard mkdir(path, isPrivate ? 0o700 : 0o777) == 0 || errno == EEXIST else {
            throw LedgerError(errno: errno, "making the directory", path)
        }
    }

    public func synchronizeDirectory(_ path: String) throws(LedgerError) {
        #if canImport(Glibc)
            let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        #elseif canImport(Musl)
            let descriptor = Musl.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        #else
            let descriptor = Darwin.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        #endif
        guard descriptor >= 0 else {
            throw LedgerError(errno: errno, "opening the directory", path)
        }
        defer { close(descriptor) }
        try synchronize(descriptor)
    }

    public func names(in directory: String) throws(LedgerError) -> [String] {
        guard let stream = opendir(directory) else {
            if errno == ENOENT { return [] }
            throw LedgerError(errno: errno, "listing", directory)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Takes a file or directory from everyone but its owner and its group, where this user may.
    func hideFromOthers(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & 0o007 != 0 else { return }
        // What belongs to somebody else is theirs to hide.
        _ = chmod(path, status.st_mode & 0o770)
    }

    private func retryIfInterrupted(
        _ action: String, _ path: String
    ) throws(LedgerError) {
        if errno != EINTR { throw LedgerError(errno: errno, action, path) }
    }
}

extension LedgerError {
    /// What the system says of a file, and the remedy.
    init(errno number: Int32, _ action: String, _ path: String) {
        let remedy =
            switch number {
            case ENOSPC, EDQUOT: "free space there and run again"
            case EMFILE, ENFILE: "raise the limit of open files (`ulimit -n`) and run again"
            case EACCES, EPERM, EROFS: "check that this user may write there"
            default: "check the disk and run again"
            }
        self.init(
            code: "state_unwritable",
            message: "\(action) \(path) failed: \(String(cString: strerror(number))); \(remedy)")
    }
}
