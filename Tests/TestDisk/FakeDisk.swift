public import FileSystem
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file system in memory, as one process sees it: its calls can fail, and end at any of them.
///
/// The next process gets a disk of its own: `FakeDisk(old.image.after(.everything))`. The old one
/// must be stopped then or be used no more. Rejects what no caller may do: holes, writing to files
/// that were opened for reading.
public final class FakeDisk: Disk {
    /// What a call does.
    public enum Kind: Hashable, Sendable, CaseIterable {
        case open, look, list, read
        case create, write, truncate, makeDirectory, rename, exchange, remove, sync, syncDirectory
    }

    fileprivate struct Call {
        var kind: Kind
        var path: String
    }

    /// A failing call.
    public struct Failure: Sendable {
        var kinds: Set<Kind>
        var path: String
        var number: Int
        var errorNumber: Int32
        var isLasting: Bool

        /// - Parameters:
        ///   - path: a part of the paths that count; empty: all do.
        ///   - number: of the call, from 1, counted over all such calls.
        ///   - isLasting: whether all such calls after it fail too.
        public init(
            of kinds: Set<Kind> = .changes, at path: String = "", number: Int = 1,
            errorNumber: Int32, isLasting: Bool = false
        ) {
            self.kinds = kinds
            self.path = path
            self.number = number
            self.errorNumber = errorNumber
            self.isLasting = isLasting
        }
    }

    /// What goes wrong with a disk.
    public struct Faults: Sendable {
        public var failures: [Failure]
        /// Before this change, from 1, the process ends: it and all later calls fail.
        public var stopAt: Int?
        /// The sync with this number, from 1, does nothing.
        public var ignoredSync: Int?
        /// `exchange` fails with EINVAL, as on some network file systems.
        public var refusesExchange: Bool
        /// Flips a bit of every file whose name ends so, when it is written.
        public var corruptsFilesNamed: String?
        /// Room for the bytes of all files; a write stores what fits and fails with ENOSPC.
        public var maximumByteCount: Int?

        public init(
            failures: [Failure] = [], stopAt: Int? = nil, ignoredSync: Int? = nil,
            refusesExchange: Bool = false, corruptsFilesNamed: String? = nil,
            maximumByteCount: Int? = nil
        ) {
            self.failures = failures
            self.stopAt = stopAt
            self.ignoredSync = ignoredSync
            self.refusesExchange = refusesExchange
            self.corruptsFilesNamed = corruptsFilesNamed
            self.maximumByteCount = maximumByteCount
        }
    }

    /// A sync that was made.
    public struct SyncCall: Hashable, Sendable {
        /// Its number among all changes, from 1.
        public var change: Int
        public var path: String
    }

    fileprivate struct State {
        var image: DiskImage
        var faults: Faults
        var calls: [Call] = []
        var counts: [Kind: Int] = [:]
        var syncs: [SyncCall] = []
        var isStopped = false
        /// The number of calls of these kinds.
        func count(of kinds: Set<Kind>, at path: String = "") -> Int {
            if path.isEmpty { return kinds.reduce(0) { $0 + counts[$1, default: 0] } }
            return calls.count { kinds.contains($0.kind) && $0.path.contains(path) }
        }
    }

    private let state: Mutex<State>

    public init(_ image: DiskImage = DiskImage(), faults: Faults = Faults()) {
        state = Mutex(State(image: image, faults: faults))
    }

    /// What the disk holds now; also after the process has ended.
    public var image: DiskImage {
        get { state.withLock { $0.image } }
        set { state.withLock { $0.image = newValue } }
    }

    public var faults: Faults {
        get { state.withLock { $0.faults } }
        set { state.withLock { $0.faults = newValue } }
    }

    /// Lets the next call of these kinds fail, and all after it if `isLasting`.
    public func failNext(
        of kinds: Set<Kind>, at path: String = "", errorNumber: Int32, isLasting: Bool = false
    ) {
        state.withLock { state in
            state.faults.failures.append(
                Failure(
                    of: kinds, at: path, number: state.count(of: kinds, at: path) + 1,
                    errorNumber: errorNumber, isLasting: isLasting))
        }
    }

    /// Calls so far, failed ones too.
    ///
    /// - Parameter path: a part of the paths that count; empty: all do.
    public func callCount(of kinds: Set<Kind> = .changes, at path: String = "") -> Int {
        state.withLock { $0.count(of: kinds, at: path) }
    }

    public var syncs: [SyncCall] { state.withLock { $0.syncs } }
    /// The disk as the next process finds it, if only this one ends.
    public var restarted: FakeDisk { FakeDisk(image.after(.nothing)) }

    /// Whether the process has ended.
    public var isStopped: Bool { state.withLock { $0.isStopped } }
    /// Ends the process: every later call fails, also on files that are open.
    public func stop() { state.withLock { $0.isStopped = true } }

    // MARK: - Disk

    public func open(_ path: String, _ mode: OpenMode) throws(FileSystemError) -> (any DiskFile)? {
        var isNew = false
        var mustBeNew = false
        if case .create = mode { (isNew, mustBeNew) = (true, true) }
        if case .updateOrCreate = mode { isNew = image.node(at: path) == nil }
        var node: Int?
        try call(isNew ? .create : .open, path) { state in
            if isNew {
                let failed = state.image.make(isDirectory: false, at: path)
                if failed != 0, mustBeNew || failed != EEXIST { return failed }
            }
            node = state.image.node(at: path)
            return node.map(state.image.isDirectory) == true ? EISDIR : 0
        }
        return node.map { FakeFile(self, path, $0, isWritable: mode != .read) }
    }

    public func status(of path: String) throws(FileSystemError) -> FileStatus? {
        var status: FileStatus?
        try call(.look, path) { state in
            guard let node = state.image.node(at: path) else { return 0 }
            status = FileStatus(
                kind: state.image.isDirectory(node) ? .directory : .file,
                byteCount: state.image.bytes(of: node).count)
            return 0
        }
        return status
    }

    public func names(in directory: String) throws(FileSystemError) -> [String] {
        var names: [String] = []
        try call(.list, directory) { state in
            guard let node = state.image.node(at: directory),
                let found = state.image.names(in: node)
            else { return ENOENT }
            names = found
            return 0
        }
        return names
    }

    public func makeDirectory(_ path: String, isPrivate: Bool) throws(FileSystemError) {
        try call(.makeDirectory, path) { $0.image.make(isDirectory: true, at: path) }
    }

    public func syncDirectory(_ path: String) throws(FileSystemError) {
        try sync(.syncDirectory, path) { state in
            state.image.node(at: path).flatMap { state.image.isDirectory($0) ? $0 : nil }
        }
    }

    public func rename(_ path: String, to target: String) throws(FileSystemError) {
        try call(.rename, target) { $0.image.rename(path, to: target) }
    }

    public func exchange(_ first: String, _ second: String) throws(FileSystemError) {
        try call(.exchange, second) { state in
            state.faults.refusesExchange ? EINVAL : state.image.exchange(first, second)
        }
    }

    public func remove(_ path: String) throws(FileSystemError) {
        try call(.remove, path) { $0.image.remove(path) }
    }

    // MARK: - Calls

    fileprivate func sync(
        _ kind: Kind, _ path: String, _ find: (State) -> Int?
    ) throws(FileSystemError) {
        try call(kind, path, atFailure: { state in find(state).map { state.image.failSync($0) } }) {
            state in
            guard let node = find(state) else { return ENOENT }
            state.syncs.append(SyncCall(change: state.count(of: .changes), path: path))
            if state.syncs.count != state.faults.ignoredSync { state.image.sync(node) }
            return 0
        }
    }

    fileprivate func write(
        _ bytes: [UInt8], at offset: Int, to node: Int, _ path: String
    ) throws(FileSystemError) {
        // A write that fails may have stored a part.
        let half = Array(bytes[..<(bytes.count / 2)])
        let keepHalf = { (state: inout State) in state.image.write(half, at: offset, to: node) }
        try call(.write, path, atFailure: keepHalf) { state in
            var bytes = bytes
            if let name = state.faults.corruptsFilesNamed, path.hasSuffix(name), !bytes.isEmpty {
                bytes[bytes.count / 2] ^= 1
            }
            if let maximum = state.faults.maximumByteCount {
                let added = offset + bytes.count - state.image.bytes(of: node).count
                let missing = max(added, 0) + state.image.byteCount - maximum
                if missing > 0, added > 0 {
                    bytes.removeLast(min(missing, added))
                    state.image.write(bytes, at: offset, to: node)
                    return ENOSPC
                }
            }
            state.image.write(bytes, at: offset, to: node)
            return 0
        }
    }

    fileprivate func call(
        _ kind: Kind, _ path: String, atFailure: (inout State) -> Void = { _ in },
        _ body: (inout State) -> Int32
    ) throws(FileSystemError) {
        let failed: Int32 = state.withLock { state in
            state.counts[kind, default: 0] += 1
            state.calls.append(Call(kind: kind, path: path))
            let isChange = Set<Kind>.changes.contains(kind)
            if isChange, state.count(of: .changes) == state.faults.stopAt { state.isStopped = true }
            if state.isStopped { return EIO }
            for failure in state.faults.failures
            where failure.kinds.contains(kind)
                && (failure.path.isEmpty || path.contains(failure.path))
            {
                let count = state.count(of: failure.kinds, at: failure.path)
                if count == failure.number || failure.isLasting && count > failure.number {
                    atFailure(&state)
                    return failure.errorNumber
                }
            }
            return body(&state)
        }
        if failed != 0 {
            throw FileSystemError(errorNumber: failed, doing: "\(kind)", path: path)
        }
    }
}

extension Set<FakeDisk.Kind> {
    /// Calls that change what the disk holds, or what of it would survive.
    public static let changes: Set<FakeDisk.Kind> =
        [
            .create, .write, .truncate, .makeDirectory, .rename, .exchange, .remove, .sync,
            .syncDirectory,
        ]
    public static let all = Set(FakeDisk.Kind.allCases)
    public static let syncs: Set<FakeDisk.Kind> = [.sync, .syncDirectory]
}

private final class FakeFile: DiskFile {
    private let disk: FakeDisk
    private let path: String
    private let node: Int
    private let isWritable: Bool

    init(_ disk: FakeDisk, _ path: String, _ node: Int, isWritable: Bool) {
        self.disk = disk
        self.path = path
        self.node = node
        self.isWritable = isWritable
    }

    func byteCount() throws(FileSystemError) -> Int {
        var count = 0
        try disk.call(.look, path) { state in
            count = state.image.bytes(of: node).count
            return 0
        }
        return count
    }

    func read(at offset: Int, byteCount: Int) throws(FileSystemError) -> [UInt8] {
        var found: [UInt8] = []
        try disk.call(.read, path) { state in
            found = Array(state.image.bytes(of: node).dropFirst(offset).prefix(byteCount))
            return 0
        }
        return found
    }

    func write(_ bytes: RawSpan, at offset: Int) throws(FileSystemError) {
        precondition(isWritable, "\(path) was opened for reading")
        try disk.write(bytes.withUnsafeBytes { Array($0) }, at: offset, to: node, path)
    }

    func truncate(to byteCount: Int) throws(FileSystemError) {
        precondition(isWritable, "\(path) was opened for reading")
        try disk.call(.truncate, path) { state in
            state.image.truncate(node, to: byteCount)
            return 0
        }
    }

    func sync(evictsCache: Bool) throws(FileSystemError) {
        try disk.sync(.sync, path) { [node] _ in node }
    }
}

extension Disk {
    /// The calls of a disk with their errors as they are.
    public var files: Files<FileSystemError> { Files(self) }
}
