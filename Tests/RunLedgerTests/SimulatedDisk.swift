@testable import RunLedger
import Synchronization

/// A file system in memory that can lose its power: what was not synced is then gone, or there in
/// part.
///
/// Rejects illegal calls: closed descriptors, missing parents, holes.
final class SimulatedDisk: JournalFileSystem {
    /// Which unsynced changes a power loss leaves.
    enum Loss: CaseIterable {
        /// None.
        case everything
        /// Each file keeps the first half of what was written since its last sync; names are lost.
        case halfOfTheData
        /// Each file keeps only the second half, with zeros before it; names are kept.
        case frontOfTheData
        /// Files lose what was not synced, but names are kept.
        case onlyTheData
    }

    private final class File {
        var content: [UInt8] = []
        var synced: [UInt8] = []
    }

    private struct State {
        var files: [Int: File] = [:]
        var names: [String: Int] = [:]
        var syncedNames: [String: Int] = [:]
        var directories: Set<String> = ["/"]
        var syncedDirectories: Set<String> = ["/"]
        var descriptors: [Int32: Int] = [:]
        var nextNumber: Int32 = 3
        var calls = 0
        var syncs = 0
        /// Calls that change something and still succeed; nil: all.
        var callsLeft: Int?
        /// The sync (counted from 0) that is skipped.
        var skippedSync: Int?
        var writeFails = false
        var syncFails = false
    }

    private let state = Mutex(State())

    /// Changing calls so far, syncs included.
    var callCount: Int { state.withLock { $0.calls } }
    var syncCount: Int { state.withLock { $0.syncs } }

    /// Whether the next changing call fails.
    var isStopped: Bool { state.withLock { $0.callsLeft == 0 } }

    /// Lets every changing call after the next `count` ones fail.
    func stop(after count: Int) { state.withLock { $0.callsLeft = count } }
    func skipSync(_ number: Int) { state.withLock { $0.skippedSync = number } }
    /// The process is killed: descriptors close, everything else stays.
    func kill() {
        state.withLock { state in
            state.descriptors = [:]
            state.callsLeft = nil
        }
    }

    func setWriteFails(_ fails: Bool) { state.withLock { $0.writeFails = fails } }
    func setSyncFails(_ fails: Bool) { state.withLock { $0.syncFails = fails } }

    func losePower(_ loss: Loss) {
        state.withLock { state in
            state.descriptors = [:]
            state.callsLeft = nil
            state.skippedSync = nil
            if loss != .onlyTheData && loss != .frontOfTheData {
                state.names = state.syncedNames
                state.directories = state.syncedDirectories
                // A name in a directory that is lost is lost too.
                for path in state.directories.sorted()
                where path != "/" && !state.directories.contains(Self.parent(of: path)) {
                    state.directories.remove(path)
                }
                let directories = state.directories
                state.names = state.names.filter { directories.contains(Self.parent(of: $0.key)) }
            }
            for file in state.files.values {
                let synced = file.synced
                if file.content.count > synced.count, loss == .halfOfTheData {
                    let kept = synced.count + (file.content.count - synced.count) / 2
                    file.content = Array(file.content[..<kept])
                } else if file.content.count > synced.count, loss == .frontOfTheData {
                    let lost = synced.count + (file.content.count - synced.count) / 2
                    for place in synced.count..<lost { file.content[place] = 0 }
                } else {
                    file.content = synced
                }
                file.synced = file.content
            }
            state.syncedNames = state.names
            state.syncedDirectories = state.directories
        }
    }

    func content(_ path: String) -> [UInt8]? {
        state.withLock { state in state.names[path].flatMap { state.files[$0]?.content } }
    }

    // MARK: JournalFileSystem

    func exists(_ path: String) -> Bool {
        state.withLock { $0.names[path] != nil || $0.directories.contains(path) }
    }

    func isReadable(_ directory: String) -> Bool { true }

    func open(_ path: String, creating: Bool) throws(LedgerError) -> Int32? {
        try state.withLock { state throws(LedgerError) in
            var number = state.names[path]
            if number == nil, creating {
                try Self.change(&state)
                precondition(state.directories.contains(Self.parent(of: path)))
                number = state.files.count
                state.files[state.files.count] = File()
                state.names[path] = number
            }
            guard let number else { return nil }
            state.nextNumber += 1
            state.descriptors[state.nextNumber] = number
            return state.nextNumber
        }
    }

    func byteCount(of descriptor: Int32) -> Int {
        state.withLock { Self.file(descriptor, $0).content.count }
    }

    func read(
        _ descriptor: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) {
        state.withLock { state in
            let content = Self.file(descriptor, state).content
            precondition(offset + buffer.count <= content.count)
            buffer.copyBytes(from: content[offset..<offset + buffer.count])
        }
    }

    func write(
        _ descriptor: Int32, at offset: Int, _ bytes: UnsafeRawBufferPointer
    ) throws(LedgerError) {
        try state.withLock { state throws(LedgerError) in
            try Self.change(&state)
            let file = Self.file(descriptor, state)
            precondition(offset <= file.content.count, "a hole")
            let count = state.writeFails ? bytes.count / 2 : bytes.count
            let end = min(offset + count, file.content.count)
            file.content.replaceSubrange(offset..<end, with: bytes[..<count])
            if state.writeFails { throw Self.failure() }
        }
    }

    func truncate(_ descriptor: Int32, to byteCount: Int) throws(LedgerError) {
        try state.withLock { state throws(LedgerError) in
            try Self.change(&state)
            let file = Self.file(descriptor, state)
            precondition(byteCount <= file.content.count)
            file.content.removeLast(file.content.count - byteCount)
        }
    }

    func synchronize(_ descriptor: Int32) throws(LedgerError) {
        try state.withLock { state throws(LedgerError) in
            guard try Self.sync(&state) else { return }
            let file = Self.file(descriptor, state)
            file.synced = file.content
        }
    }

    func close(_ descriptor: Int32) {
        state.withLock { _ = $0.descriptors.removeValue(forKey: descriptor) }
    }

    func rename(_ path: String, to newPath: String) throws(LedgerError) {
        try state.withLock { state throws(LedgerError) in
            try Self.change(&state)
            precondition(state.names[path] != nil && state.names[newPath] == nil)
            state.names[newPath] = state.names.removeValue(forKey: path)
        }
    }

    func remove(_ path: String) throws(LedgerError) {
        try state.withLock { state throws(LedgerError) in
            try Self.change(&state)
            precondition(state.names.removeValue(forKey: path) != nil)
        }
    }

    func makeDirectory(_ path: String, isPrivate: Bool) throws(LedgerError) {
        try state.withLock { state throws(LedgerError) in
            try Self.change(&state)
            precondition(state.directories.contains(Self.parent(of: path)))
            state.directories.insert(path)
        }
    }

    func synchronizeDirectory(_ path: String) throws(LedgerError) {
        try state.withLock { state throws(LedgerError) in
            precondition(state.directories.contains(path))
            guard try Self.sync(&state) else { return }
            let isInside = { (name: String) in Self.parent(of: name) == path }
            state.syncedNames = state.syncedNames.filter { !isInside($0.key) }
                .merging(state.names.filter { isInside($0.key) }) { $1 }
            state.syncedDirectories.formUnion(state.directories.filter(isInside))
        }
    }

    func names(in directory: String) -> [String] {
        state.withLock { state in
            state.names.keys.filter { Self.parent(of: $0) == directory }
                .map { String($0.dropFirst(directory.count + 1)) }
        }
    }

    // MARK: Helpers

    private static func file(_ descriptor: Int32, _ state: borrowing State) -> File {
        guard let number = state.descriptors[descriptor], let file = state.files[number] else {
            preconditionFailure("a descriptor that is not open")
        }
        return file
    }

    private static func change(_ state: inout State) throws(LedgerError) {
        if let left = state.callsLeft {
            guard left > 0 else { throw failure() }
            state.callsLeft = left - 1
        }
        state.calls += 1
    }

    /// Whether the sync takes effect.
    private static func sync(_ state: inout State) throws(LedgerError) -> Bool {
        try change(&state)
        if state.syncFails { throw failure() }
        defer { state.syncs += 1 }
        return state.syncs != state.skippedSync
    }

    private static func failure() -> LedgerError {
        LedgerError(code: "state_unwritable", message: "the simulated disk failed")
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}
