import Publication
import Synchronization

/// The real file system, except that one call fails, counted from 1 over all calls that change
/// something.
final class FailingFileSystem: FileSystem {
    private let real = SystemFileSystem()
    private let failing: Int
    private let errorNumber: Int32
    private let calls = Mutex(0)

    init(failing: Int, errorNumber: Int32) {
        self.failing = failing
        self.errorNumber = errorNumber
    }

    /// Calls made so far.
    var callCount: Int { calls.withLock { $0 } }

    private func count(_ doing: String, _ path: String) throws(PartitionError) {
        let number = calls.withLock { calls in
            calls += 1
            return calls
        }
        if number == failing {
            throw PartitionError(errorNumber: errorNumber, doing: doing, path: path)
        }
    }

    func makeDirectory(at path: String) throws(PartitionError) {
        try count("mkdir", path)
        try real.makeDirectory(at: path)
    }

    func createFile(at path: String) throws(PartitionError) -> any OutputFile {
        try count("open", path)
        return CountedFile(try real.createFile(at: path)) { () throws(PartitionError) in
            try self.count("write", path)
        }
    }

    func syncDirectory(at path: String) throws(PartitionError) {
        try count("fsync", path)
        try real.syncDirectory(at: path)
    }

    func rename(_ from: String, to: String) throws(PartitionError) {
        try count("rename", from)
        try real.rename(from, to: to)
    }

    func exchange(_ first: String, _ second: String) throws(PartitionError) {
        try count("renameat2", first)
        try real.exchange(first, second)
    }

    func removeTree(at path: String) throws(PartitionError) {
        try real.removeTree(at: path)
    }

    func list(_ path: String) throws(PartitionError) -> [String] { try real.list(path) }

    func readFile(
        at path: String, to sink: (UnsafeRawBufferPointer) throws(PartitionError) -> Void
    ) throws(PartitionError) {
        try real.readFile(at: path, to: sink)
    }

    func status(of path: String) throws(PartitionError) -> FileStatus? {
        try real.status(of: path)
    }
}

/// Counts writes and syncs as calls of their own.
private final class CountedFile: OutputFile {
    private let real: any OutputFile
    private let count: () throws(PartitionError) -> Void

    init(_ real: any OutputFile, count: @escaping () throws(PartitionError) -> Void) {
        self.real = real
        self.count = count
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(PartitionError) {
        try count()
        try real.write(bytes)
    }

    func sync() throws(PartitionError) {
        try count()
        try real.sync()
    }

    func close() throws(PartitionError) { try real.close() }
}
