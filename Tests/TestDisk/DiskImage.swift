#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a disk in memory holds, and what of it would survive a power loss.
///
/// A file's bytes survive from its last sync on; of what was written since, any part may. A file
/// that was never synced may be gone, or empty, even if its directory was synced. A change
/// of directory entries (make, remove, rename, exchange) is one transaction over all entries it
/// touches. It is pending until one of its directories is synced; transactions that touch the same
/// entry keep their order, others survive in any combination.
public struct DiskImage: Sendable {
    /// What a loss leaves of the changes that were not synced.
    public enum Loss: Hashable, Sendable {
        /// All of them: the process was killed, the machine goes on.
        case nothing
        /// None of them.
        case everything
        /// Names are kept, but no bytes.
        case data
        /// Names are lost; each file keeps the first half of what was added.
        case endsOfData
        /// Names are kept; each file keeps the second half of what was added, after zeros.
        case frontsOfData
        /// Any combination that the rules above allow.
        case some(seed: UInt64)

        /// Every kind of loss, and some combinations.
        public static let samples: [Loss] =
            [.nothing, .everything, .data, .endsOfData, .frontsOfData]
            + (1...6).map { .some(seed: $0) }
    }

    struct Entry: Hashable {
        var directory: Int
        var name: String
    }

    private struct File {
        var live: [UInt8] = []
        /// nil before the first sync.
        var durable: [UInt8]?
        /// After a sync that failed, the system takes the bytes for written: none that follows
        /// makes them durable.
        var isLost = false
    }

    private struct Directory {
        var live: [String: Int] = [:]
        var durable: [String: Int] = [:]
    }

    private struct Transaction {
        var changes: [(entry: Entry, node: Int?)]
    }

    private static let root = 0
    private var files: [Int: File] = [:]
    private var directories = [root: Directory()]
    private var pending: [Transaction] = []
    private var nextNode = 1

    public init() {}

    // MARK: - Looking

    /// The bytes of a file; nil where there is none.
    public func bytes(at path: String) -> [UInt8]? {
        node(at: path).flatMap { files[$0]?.live }
    }

    /// Paths of all files, sorted.
    public var paths: [String] {
        var found: [String] = []
        var open = [(path: "", node: Self.root)]
        while let (path, node) = open.popLast() {
            for (name, child) in directories[node]?.live ?? [:] {
                if isDirectory(child) {
                    open.append(("\(path)/\(name)", child))
                } else {
                    found.append("\(path)/\(name)")
                }
            }
        }
        return found.sorted()
    }

    /// Bytes of all files together.
    public var byteCount: Int { files.values.reduce(0) { $0 + $1.live.count } }

    /// The number of what stands at a path, never given twice; nil for nothing.
    public func node(at path: String) -> Int? {
        var node = Self.root
        for name in path.utf8.split(separator: UInt8(ascii: "/")) {
            let name = String(Substring(name))
            if name == "." { continue }
            guard let next = directories[node]?.live[name] else { return nil }
            node = next
        }
        return node
    }

    func isDirectory(_ node: Int) -> Bool { directories[node] != nil }
    func names(in node: Int) -> [String]? { directories[node]?.live.keys.sorted() }
    func bytes(of node: Int) -> [UInt8] { files[node]?.live ?? [] }

    private func entry(_ path: String) -> Entry? {
        let names = path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
        guard let name = names.last, let parent = node(at: names.dropLast().joined(separator: "/")),
            isDirectory(parent)
        else { return nil }
        return Entry(directory: parent, name: name)
    }

    // MARK: - Changing; each returns an errno, 0 for success

    mutating func make(isDirectory: Bool, at path: String) -> Int32 {
        guard let entry = entry(path) else { return ENOENT }
        guard node(at: path) == nil else { return EEXIST }
        if isDirectory { directories[nextNode] = Directory() } else { files[nextNode] = File() }
        nextNode += 1
        commit([(entry, nextNode - 1)])
        return 0
    }

    mutating func write(_ bytes: [UInt8], at offset: Int, to node: Int) {
        precondition(offset <= self.bytes(of: node).count, "a hole")
        let end = min(offset + bytes.count, self.bytes(of: node).count)
        files[node]?.live.replaceSubrange(offset..<end, with: bytes)
    }

    mutating func truncate(_ node: Int, to byteCount: Int) {
        let added = byteCount - bytes(of: node).count
        precondition(added <= 0, "a file made longer")
        files[node]?.live.removeLast(-added)
    }

    mutating func rename(_ path: String, to target: String) -> Int32 {
        guard let moved = node(at: path), let from = entry(path), let to = entry(target) else {
            return ENOENT
        }
        if let replaced = node(at: target) {
            if let names = names(in: replaced) {
                guard isDirectory(moved) else { return EISDIR }
                guard names.isEmpty else { return ENOTEMPTY }
            } else if isDirectory(moved) {
                return ENOTDIR
            }
        }
        commit([(from, nil), (to, moved)])
        return 0
    }

    mutating func exchange(_ first: String, _ second: String) -> Int32 {
        guard let one = node(at: first), let other = node(at: second), let from = entry(first),
            let to = entry(second)
        else { return ENOENT }
        commit([(from, other), (to, one)])
        return 0
    }

    mutating func remove(_ path: String) -> Int32 {
        guard let node = node(at: path), let entry = entry(path) else { return ENOENT }
        guard names(in: node)?.isEmpty ?? true else { return ENOTEMPTY }
        commit([(entry, nil)])
        return 0
    }

    /// Puts a file in the place of another, durably, without a call: as somebody else might.
    public mutating func replace(_ path: String, with bytes: [UInt8]) {
        guard let node = node(at: path) else { preconditionFailure("there is no file \(path)") }
        files[node] = File(live: bytes, durable: bytes)
    }

    // MARK: - Surviving

    mutating func sync(_ node: Int) {
        if let file = files[node] {
            if !file.isLost { files[node]?.durable = file.live }
        } else {
            keep { transaction in transaction.contains { $0.directory == node } }
        }
    }

    mutating func failSync(_ node: Int) { files[node]?.isLost = true }

    /// The image that is left after a loss.
    public func after(_ loss: Loss) -> DiskImage {
        var left = self
        left.lose(loss)
        return left
    }

    private mutating func lose(_ loss: Loss) {
        var random = SeededRandom(seed: 0)
        switch loss {
        case .everything, .endsOfData: break
        case .nothing, .data, .frontsOfData: keep { _ in true }
        case .some(let seed):
            random = SeededRandom(seed: seed)
            keep { _ in random.next() & 1 == 0 }
        }
        pending = []
        // Sorted: the same seed leaves the same.
        for node in directories.keys.sorted() {
            let names = directories[node]?.durable ?? [:]
            directories[node] = Directory(live: names, durable: names)
        }
        for node in files.keys.sorted() {
            guard let file = files[node] else { continue }
            let left = Self.remains(of: file, loss, &random)
            files[node] = left.map { File(live: $0, durable: $0) }
        }
        for (node, directory) in directories {
            let left = directory.live.filter { files[$0.value] != nil || isDirectory($0.value) }
            directories[node] = Directory(live: left, durable: left)
        }
    }

    private static func remains(
        of file: File, _ loss: Loss, _ random: inout SeededRandom
    ) -> [UInt8]? {
        guard file.live != file.durable else { return file.live }
        let durable = file.durable ?? []
        let added = max(file.live.count - durable.count, 0)
        let start = file.live.count - added
        let first = Array(file.live[..<(start + added / 2)])
        let zeros = [UInt8](repeating: 0, count: first.count - start)
        let second = durable.prefix(start) + zeros + file.live[first.count...]
        switch loss {
        case .nothing: return file.live
        case .everything: return file.durable
        case .data: return durable
        case .endsOfData: return added > 0 ? first : durable
        case .frontsOfData: return added > 0 ? Array(second) : durable
        case .some:
            return [file.durable, durable, file.live, first, Array(second)][random.below(5)]
        }
    }

    private mutating func commit(_ changes: [(entry: Entry, node: Int?)]) {
        pending.append(Transaction(changes: changes))
        for (entry, node) in changes { directories[entry.directory]?.live[entry.name] = node }
    }

    /// Makes the chosen transactions durable, with earlier ones that touch the same entries.
    private mutating func keep(_ isChosen: ([Entry]) -> Bool) {
        var needed: Set<Entry> = []
        var kept: Set<Int> = []
        for index in pending.indices.reversed() {
            let entries = pending[index].changes.map(\.entry)
            guard isChosen(entries) || !needed.isDisjoint(with: entries) else { continue }
            kept.insert(index)
            needed.formUnion(entries)
        }
        for index in kept.sorted() {
            for (entry, node) in pending[index].changes {
                directories[entry.directory]?.durable[entry.name] = node
            }
        }
        pending = pending.indices.filter { !kept.contains($0) }.map { pending[$0] }
    }
}

/// SplitMix64: the same numbers for the same seed.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) {
        state = seed
    }

    /// 0 ..< `bound`
    public mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
