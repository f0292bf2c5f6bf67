import Foundation
import Synchronization

@testable import Publication

/// A file system in memory whose calls can fail, and that can lose its power before any call.
final class MemoryFileSystem: FileSystem {
    struct Faults {
        /// errno by call number, from 1.
        var failures: [Int: Int32] = [:]
        /// Before this call the power goes: it and all later calls fail.
        var powerLossAt: Int?
        /// The sync with this number, from 1, does nothing.
        var ignoredSync: Int?
        /// Answers EINVAL, as some network file systems do.
        var refusesExchange = false
        /// Flips a bit of every file whose name ends so, when it is written.
        var corruptsFilesNamed: String?
    }

    struct State {
        var disk = MemoryDisk()
        var faults = Faults()
        var callCount = 0
        var syncCalls: [(number: Int, path: String)] = []
        var isDead = false
    }

    let state: Mutex<State>

    init(_ disk: MemoryDisk = MemoryDisk(), faults: Faults = Faults()) {
        state = Mutex(State(disk: disk, faults: faults))
    }

    var disk: MemoryDisk { state.withLock { $0.disk } }
    var callCount: Int { state.withLock { $0.callCount } }
    /// All syncs so far: the number of the call and the path.
    var syncCalls: [(number: Int, path: String)] { state.withLock { $0.syncCalls } }

    func makeDirectory(at path: String) throws(PartitionError) {
        try call("make the directory", path) {
            $0.disk.make(.directory(live: [:], durable: [:]), at: path).errno
        }
    }

    func createFile(at path: String) throws(PartitionError) -> any OutputFile {
        var node = -1
        try call("create", path) {
            let made = $0.disk.make(.file(live: [], durable: nil), at: path)
            node = made.node
            return made.errno
        }
        return MemoryFile(fileSystem: self, path: path, node: node)
    }

    func syncDirectory(at path: String) throws(PartitionError) {
        try sync(path) { $0.node(at: path) }
    }

    func rename(_ from: String, to: String) throws(PartitionError) {
        try call("rename", to) { $0.disk.rename(from, to) }
    }

    func exchange(_ first: String, _ second: String) throws(PartitionError) {
        try call("exchange", second) {
            $0.faults.refusesExchange ? EINVAL : $0.disk.exchange(first, second)
        }
    }

    func removeTree(at path: String) throws(PartitionError) {
        try call("remove", path) {
            $0.disk.removeTree(path)
            return 0
        }
    }

    func list(_ path: String) throws(PartitionError) -> [String] {
        var names: [String] = []
        try call("list", path) {
            guard let node = $0.disk.node(at: path), let entries = $0.disk.entries(of: node) else {
                return ENOENT
            }
            names = entries.keys.sorted()
            return 0
        }
        return names
    }

    func readFile(
        at path: String, to sink: (UnsafeRawBufferPointer) throws(PartitionError) -> Void
    ) throws(PartitionError) {
        var bytes: [UInt8] = []
        try call("read", path) {
            guard let node = $0.disk.node(at: path), let found = $0.disk.bytes(of: node) else {
                return ENOENT
            }
            bytes = found
            return 0
        }
        // Small pieces, so that readers meet values and records that are cut.
        var start = 0
        while start < bytes.count {
            let piece = Array(bytes[start..<min(start + 1_000, bytes.count)])
            let result = piece.withUnsafeBytes { buffer in
                Result { () throws(PartitionError) in try sink(buffer) }
            }
            try result.get()
            start += piece.count
        }
    }

    func status(of path: String) throws(PartitionError) -> FileStatus? {
        var status: FileStatus?
        try call("look at", path) {
            guard let node = $0.disk.node(at: path) else { return 0 }
            status = FileStatus(
                kind: $0.disk.entries(of: node) != nil ? .directory : .file,
                byteCount: $0.disk.bytes(of: node)?.count ?? 0)
            return 0
        }
        return status
    }

    func sync(
        _ path: String, _ find: (MemoryDisk) -> Int?
    ) throws(PartitionError) {
        try call("sync", path) {
            $0.syncCalls.append(($0.callCount, path))
            guard let node = find($0.disk) else { return ENOENT }
            if $0.syncCalls.count != $0.faults.ignoredSync { $0.disk.sync(node) }
            return 0
        }
    }

    func call(
        _ doing: String, _ path: String, _ body: (inout State) -> Int32
    ) throws(PartitionError) {
        let errno: Int32 = state.withLock { state in
            state.callCount += 1
            if state.callCount == state.faults.powerLossAt { state.isDead = true }
            if state.isDead { return EIO }
            if let failure = state.faults.failures[state.callCount] { return failure }
            return body(&state)
        }
        if errno != 0 { throw PartitionError(errorNumber: errno, doing: doing, path: path) }
    }
}

/// Refuses what no caller may do: calls behind the closing.
private final class MemoryFile: OutputFile {
    private let fileSystem: MemoryFileSystem
    private let path: String
    private let node: Int
    private var isClosed = false

    init(fileSystem: MemoryFileSystem, path: String, node: Int) {
        self.fileSystem = fileSystem
        self.path = path
        self.node = node
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(PartitionError) {
        precondition(!isClosed)
        try fileSystem.call("write", path) { state in
            guard let name = state.faults.corruptsFilesNamed, path.hasSuffix(name) else {
                state.disk.append(bytes, to: node)
                return 0
            }
            var broken = Array(bytes)
            if !broken.isEmpty { broken[broken.count / 2] ^= 1 }
            broken.withUnsafeBytes { state.disk.append($0, to: node) }
            return 0
        }
    }

    func sync() throws(PartitionError) {
        precondition(!isClosed)
        try fileSystem.sync(path) { [node] _ in node }
    }

    func close() throws(PartitionError) {
        precondition(!isClosed)
        isClosed = true
        try fileSystem.call("close", path) { _ in 0 }
    }
}
