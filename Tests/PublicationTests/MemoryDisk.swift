import Foundation

/// The state of a disk in memory, with what would survive a power loss.
///
/// A file's bytes survive from its last sync on; a file never synced does not survive at all. A
/// change of directory entries (create, remove, rename, exchange) is one transaction over all
/// entries it touches. It is pending until one of its directories is synced; transactions touching
/// the same entry keep their order, others survive in any combination.
struct MemoryDisk {
    enum Node {
        case directory(live: [String: Int], durable: [String: Int])
        case file(live: [UInt8], durable: [UInt8]?)
    }

    /// What is left after the power comes back.
    enum Outcome: Hashable {
        /// Nothing that was not synced.
        case onlySynced
        /// Everything: the process was killed, the machine goes on.
        case everything
        /// Any combination that the rules above allow.
        case some(seed: UInt64)
    }

    private struct Entry: Hashable {
        var directory: Int
        var name: String
    }

    private struct Transaction {
        var changes: [(entry: Entry, node: Int?)]
    }

    private(set) var nodes: [Int: Node] = [0: .directory(live: [:], durable: [:])]
    private var pending: [Transaction] = []
    private var nextNode = 1

    // MARK: - Looking

    func node(at path: String) -> Int? {
        var node = 0
        for name in path.split(separator: "/") {
            guard let next = entries(of: node)?[String(name)] else { return nil }
            node = next
        }
        return node
    }

    func entries(of node: Int) -> [String: Int]? {
        guard case .directory(let live, _) = nodes[node] else { return nil }
        return live
    }

    func bytes(of node: Int) -> [UInt8]? {
        guard case .file(let live, _) = nodes[node] else { return nil }
        return live
    }

    /// The parent's node and the last name; nil where the parent is no directory.
    private func entry(_ path: String) -> Entry? {
        let names = path.split(separator: "/").map(String.init)
        guard let name = names.last,
            let directory = node(at: names.dropLast().joined(separator: "/")),
            entries(of: directory) != nil
        else { return nil }
        return Entry(directory: directory, name: name)
    }

    // MARK: - Changing; each answers an errno, 0 for success

    mutating func make(_ node: Node, at path: String) -> (errno: Int32, node: Int) {
        guard let entry = entry(path) else { return (ENOENT, -1) }
        guard self.node(at: path) == nil else { return (EEXIST, -1) }
        nodes[nextNode] = node
        nextNode += 1
        commit([(entry, nextNode - 1)])
        return (0, nextNode - 1)
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer, to node: Int) {
        guard case .file(let live, let durable) = nodes[node] else { return }
        nodes[node] = .file(live: live + bytes, durable: durable)
    }

    mutating func rename(_ from: String, _ to: String) -> Int32 {
        guard let moved = node(at: from), let source = entry(from), let target = entry(to) else {
            return ENOENT
        }
        if let replaced = node(at: to) {
            if let entries = entries(of: replaced), !entries.isEmpty { return ENOTEMPTY }
            if entries(of: replaced) == nil, entries(of: moved) != nil { return ENOTDIR }
        }
        commit([(source, nil), (target, moved)])
        return 0
    }

    mutating func exchange(_ first: String, _ second: String) -> Int32 {
        guard let one = node(at: first), let other = node(at: second),
            let oneEntry = entry(first), let otherEntry = entry(second)
        else { return ENOENT }
        commit([(oneEntry, other), (otherEntry, one)])
        return 0
    }

    mutating func removeTree(_ path: String) {
        guard let node = node(at: path), let entry = entry(path) else { return }
        for name in (entries(of: node) ?? [:]).keys.sorted() { removeTree(path + "/" + name) }
        commit([(entry, nil)])
    }

    // MARK: - Surviving

    mutating func sync(_ node: Int) {
        switch nodes[node] {
        case .file(let live, _): nodes[node] = .file(live: live, durable: live)
        case .directory: keep { transaction in transaction.contains { $0.directory == node } }
        case nil: break
        }
    }

    mutating func restart(_ outcome: Outcome) {
        var random = SeededRandom(seed: 0)
        switch outcome {
        case .onlySynced: break
        case .everything: keep { _ in true }
        case .some(let seed):
            random = SeededRandom(seed: seed)
            keep { _ in random.next() & 1 == 0 }
        }
        pending = []
        for (node, content) in nodes {
            switch content {
            case .directory(_, let durable):
                nodes[node] = .directory(live: durable, durable: durable)
            case .file(let live, let durable):
                nodes[node] = Self.survivor(live, durable, outcome, &random)
            }
        }
        dropLostFiles()
    }

    private static func survivor(
        _ live: [UInt8], _ durable: [UInt8]?, _ outcome: Outcome, _ random: inout SeededRandom
    ) -> Node? {
        switch outcome {
        case .everything: return .file(live: live, durable: live)
        case .some where durable != live:
            let torn = Array(live.prefix(live.count / 2))
            let kept = [durable, live, torn][Int(random.next() % 3)]
            return kept.map { .file(live: $0, durable: $0) }
        default: return durable.map { .file(live: $0, durable: $0) }
        }
    }

    /// Takes the entries of files that did not survive out of their directories.
    private mutating func dropLostFiles() {
        for (node, content) in nodes {
            guard case .directory(let live, _) = content else { continue }
            let left = live.filter { nodes[$0.value] != nil }
            nodes[node] = .directory(live: left, durable: left)
        }
    }

    private mutating func commit(_ changes: [(entry: Entry, node: Int?)]) {
        pending.append(Transaction(changes: changes))
        for (entry, node) in changes {
            guard case .directory(var live, let durable) = nodes[entry.directory] else { continue }
            live[entry.name] = node
            nodes[entry.directory] = .directory(live: live, durable: durable)
        }
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
                guard case .directory(let live, var durable) = nodes[entry.directory] else {
                    continue
                }
                durable[entry.name] = node
                nodes[entry.directory] = .directory(live: live, durable: durable)
            }
        }
        pending = pending.indices.filter { !kept.contains($0) }.map { pending[$0] }
    }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededRandom {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
