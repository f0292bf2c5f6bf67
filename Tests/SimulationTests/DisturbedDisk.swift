import FileSystem
import Synchronization
import TestDisk

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension FakeDisk.Faults {
    /// How a disk fails for the length of a run.
    static func drawn(_ draw: inout Draw) -> Self {
        var faults = Self(refusesExchange: draw.oneIn(4))
        if draw.oneIn(4) {
            faults.maximumByteCount = draw.magnitude(bits: 15)
            return faults
        }
        let kinds: Set<FakeDisk.Kind> = draw.pick([.changes, .changes, .all, .syncs, [.rename]])
        faults.failures = [
            FakeDisk.Failure(
                of: kinds, number: draw.magnitude(bits: 8), errorNumber: draw.pick([ENOSPC, EIO]),
                isLasting: draw.oneIn(3))
        ]
        return faults
    }
}

/// The disk of a simulation, which does nothing any more for a process that was killed.
final class DisturbedDisk: Disk {
    private let machine: Machine
    private let state: Mutex<FakeDisk>

    /// - Parameter directories: that are there from the beginning.
    init(machine: Machine, directories: [String]) {
        self.machine = machine
        let disk = FakeDisk()
        for directory in directories { try? disk.files.makeDurableDirectory(directory) }
        state = Mutex(disk)
    }

    /// The disk without the process, for whoever looks at it.
    var plain: FakeDisk { state.withLock { $0 } }

    /// Starts a process; the former one is no more.
    ///
    /// - Parameter loss: what the machine went through since.
    func begin(_ faults: FakeDisk.Faults, after loss: DiskImage.Loss) {
        state.withLock { $0 = FakeDisk($0.image.after(loss), faults: faults) }
    }

    // MARK: - Calls

    /// Before a call that only looks.
    fileprivate func look(_ path: String) throws(FileSystemError) {
        if machine.isDead { throw Self.error(path) }
    }

    /// Before a call that changes something.
    fileprivate func change(_ path: String) throws(FileSystemError) {
        guard machine.isAlive(at: .disk) else { throw Self.error(path) }
    }

    private static func error(_ path: String) -> FileSystemError {
        FileSystemError(errorNumber: EIO, doing: "use", path: path)
    }

    func open(_ path: String, _ mode: OpenMode) throws(FileSystemError) -> (any DiskFile)? {
        switch mode {
        case .read, .update: try look(path)
        case .create, .updateOrCreate: try change(path)
        }
        return try plain.open(path, mode).map { DisturbedFile($0, path: path, disk: self) }
    }

    func status(of path: String) throws(FileSystemError) -> FileStatus? {
        try look(path)
        return try plain.status(of: path)
    }

    func names(in directory: String) throws(FileSystemError) -> [String] {
        try look(directory)
        return try plain.names(in: directory)
    }

    func makeDirectory(_ path: String, isPrivate: Bool) throws(FileSystemError) {
        try change(path)
        try plain.makeDirectory(path, isPrivate: isPrivate)
    }

    func syncDirectory(_ path: String) throws(FileSystemError) {
        try change(path)
        try plain.syncDirectory(path)
    }

    func rename(_ path: String, to target: String) throws(FileSystemError) {
        try change(path)
        try plain.rename(path, to: target)
    }

    func exchange(_ first: String, _ second: String) throws(FileSystemError) {
        try change(first)
        try plain.exchange(first, second)
    }

    func remove(_ path: String) throws(FileSystemError) {
        try change(path)
        try plain.remove(path)
    }
}

private final class DisturbedFile: DiskFile {
    private let file: any DiskFile
    private let path: String
    private let disk: DisturbedDisk

    init(_ file: any DiskFile, path: String, disk: DisturbedDisk) {
        self.file = file
        self.path = path
        self.disk = disk
    }

    func byteCount() throws(FileSystemError) -> Int {
        try disk.look(path)
        return try file.byteCount()
    }

    func read(at offset: Int, byteCount: Int) throws(FileSystemError) -> [UInt8] {
        try disk.look(path)
        return try file.read(at: offset, byteCount: byteCount)
    }

    /// A process that is killed in the middle of a write leaves its first half.
    func write(_ bytes: RawSpan, at offset: Int) throws(FileSystemError) {
        try disk.look(path)
        do {
            try disk.change(path)
        } catch {
            try file.write(bytes.extracting(first: bytes.byteCount / 2), at: offset)
            throw error
        }
        try file.write(bytes, at: offset)
    }

    func truncate(to byteCount: Int) throws(FileSystemError) {
        try disk.change(path)
        try file.truncate(to: byteCount)
    }

    func sync(evictsCache: Bool) throws(FileSystemError) {
        try disk.change(path)
        try file.sync(evictsCache: evictsCache)
    }
}
