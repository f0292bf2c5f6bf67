import ExportModel

/// Decides for accounts of one stream which account windows are exported, and why: for those of a
/// bucket, or for all where there are no buckets. Their partitions hold no other accounts.
struct StreamPlanning {
    /// An account of the pipeline file.
    private struct Member {
        /// Into the stream's accounts.
        let index: Int
        let name: String
        /// Whether the request is about it.
        let isAsked: Bool
        /// What the ledger says of it.
        let facts: StreamFacts.Row
        /// Keys of complete windows whose list of request ids is another one now.
        let changedLists: Set<String>
    }

    private let stream: Stream
    private let streamIndex: Int
    private let bucket: Int?
    private let layout: PartitionLayout
    private let members: [Member]
    private let askedCount: Int
    /// What the ledger says of all accounts that partitions hold, also of those that left the
    /// pipeline.
    private let allFacts: StreamFacts
    /// Those that hold an account that is asked for, by window key.
    private let outdated: [String: [OutdatedPartition]]
    private let rejected: [String: [RejectedWindow]]
    /// Into ``members``, of those that are asked for.
    private let places: [String: Int]
    /// Why each member is exported, for the window at hand.
    private var reasons: [PlannedWindow.Reason?]

    /// - Parameters:
    ///   - index: of the stream in the pipeline.
    ///   - members: indices of its accounts.
    ///   - asked: indices of those that take part.
    ///   - facts: of all accounts that the partitions may hold.
    ///   - outdated: of the stream.
    init(
        _ stream: Stream, index: Int, bucket: Int?, members: [Int], asked: Set<Int>?,
        layout: PartitionLayout, facts: StreamFacts,
        outdated: [OutdatedPartition], ledger: LedgerView
    ) {
        self.stream = stream
        streamIndex = index
        self.bucket = bucket
        self.layout = layout
        allFacts = facts
        let changedLists = ledger.changedLists[stream.name] ?? [:]
        self.members = members.map { index in
            let name = stream.accounts[index].name
            return Member(
                index: index, name: name, isAsked: asked?.contains(index) ?? true,
                facts: facts.row(of: name), changedLists: changedLists[name] ?? [])
        }
        askedCount = self.members.count(where: \.isAsked)
        let pairs = self.members.enumerated().filter(\.element.isAsked).map {
            ($0.element.name, $0.offset)
        }
        let places = Dictionary(pairs) { first, _ in first }
        self.places = places
        self.outdated = Dictionary(
            grouping: outdated.filter { Self.isAbout($0.identity, bucket, places) },
            by: \.identity.window)
        rejected = Dictionary(
            grouping: ledger.rejected.filter { window in
                window.identity.stream == stream.name && facts.knows(window.identity.account)
            }, by: \.identity.window)
        reasons = Array(repeating: nil, count: members.count)
    }

    /// Whether a partition holds an account that is asked for.
    func isAbout(_ partition: PartitionIdentity) -> Bool {
        Self.isAbout(partition, bucket, places)
    }

    private static func isAbout(
        _ partition: PartitionIdentity, _ bucket: Int?, _ places: [String: Int]
    ) -> Bool {
        partition.account.map { places[$0] != nil }
            ?? (partition.bucket == bucket && !places.isEmpty)
    }

    // MARK: - What is due

    /// Plans a candidate of a run or a backfill.
    ///
    /// - Parameters:
    ///   - renewed: gets outdated partitions that are made anew by it.
    ///   - body: gets each account window and whether it is due.
    /// - Returns: how many account windows are complete and stay so.
    mutating func plan(
        _ candidate: Candidates.Candidate, renewed: inout Set<PartitionIdentity>,
        _ body: (PlannedWindow, Bool) -> Void
    ) -> Int {
        let key = candidate.keyText
        let column = allFacts.column(of: key)
        var isAny = false
        for place in members.indices {
            let member = members[place]
            reasons[place] =
                member.isAsked
                ? candidate.reason(
                    member.facts[column], isListChanged: member.changedLists.contains(key)) : nil
            if reasons[place] != nil { isAny = true }
        }
        if candidate.isDue {
            if isAny, layout == .window { addPruned(column) }
            for partition in outdated[key] ?? [] where renews(partition, column, &isAny) {
                renewed.insert(partition.identity)
            }
        }
        if !isAny { return askedCount }
        handOut(candidate.window, column) { body($0, candidate.isDue) }
        return members.indices.count { members[$0].isAsked && reasons[$0] == nil }
    }

    /// A partition of several accounts is published whole: those that the archive does not have any
    /// more are asked for again, whether they were to take part or not.
    private mutating func addPruned(_ column: Int?) {
        for place in members.indices
        where reasons[place] == nil && members[place].facts[column]?.archive == .pruned {
            reasons[place] = .archivePruned
        }
    }

    /// Whether the plan makes a partition anew, for which it may have to be made again from the
    /// archive.
    private mutating func renews(
        _ partition: OutdatedPartition, _ column: Int?, _ isAny: inout Bool
    ) -> Bool {
        switch layout {
        case .window:
            if isAny { return true }
            if allFacts.contains(at: column, where: { $0.archive == .pruned }) { return false }
            for place in members.indices
            where members[place].isAsked && members[place].facts[column]?.archive == .kept {
                reasons[place] = .outdated
                isAny = true
            }
            return isAny
        case .account:
            guard let place = partition.identity.account.flatMap({ places[$0] }) else {
                return false
            }
            if reasons[place] != nil { return true }
            if partition.hasArchive {
                reasons[place] = .outdated
                isAny = true
            }
            return partition.hasArchive
        }
    }

    // MARK: - What is made again

    /// Plans what of a window is made again from the archive.
    ///
    /// - Parameter body: gets each account window.
    /// - Returns: how many partitions stay as they are because the archive lacks something of them.
    mutating func rebuild(
        _ window: Window, outdatedOnly: Bool, rejectedOnly: Bool, _ body: (PlannedWindow) -> Void
    ) -> Int {
        let key = "\(window.key)"
        if outdatedOnly, outdated[key] == nil { return 0 }
        let column = allFacts.column(of: key)
        let rejected = rejected[key] ?? []
        for place in members.indices { reasons[place] = nil }
        var prunedCount = 0
        for group in partitions(at: column, rejected) {
            let isRejected = rejected.contains { group.contains($0.identity.account) }
            let isOutdated = (outdated[key] ?? []).contains {
                $0.identity.account.map(group.contains) ?? true
            }
            if rejectedOnly && !isRejected || outdatedOnly && !isOutdated { continue }
            let taken = group.compactMap { places[$0] }
            if taken.isEmpty { continue }
            guard group.allSatisfy({ has($0, column, rejected) }) else {
                prunedCount += 1
                continue
            }
            for place in taken { reasons[place] = .rebuild }
        }
        handOut(window, column, body)
        return prunedCount
    }

    /// The accounts of each partition of a window.
    private func partitions(at column: Int?, _ rejected: [RejectedWindow]) -> [Set<String>] {
        let refused = rejected.filter(\.isRefused).map(\.identity.account)
        let verified = allFacts.accounts(at: column) { $0.archive != .nothing }
        let accounts = Set(verified).union(refused)
        return layout == .window ? [accounts] : accounts.map { [$0] }
    }

    /// Whether the archive has what an account's part of a partition is made of.
    private func has(_ account: String, _ column: Int?, _ rejected: [RejectedWindow]) -> Bool {
        allFacts.row(of: account)[column]?.archive == .kept
            || rejected.contains { $0.isRefused && $0.identity.account == account }
    }

    // MARK: - Pieces

    /// In the order of the accounts in the file.
    private func handOut(_ window: Window, _ column: Int?, _ body: (PlannedWindow) -> Void) {
        for place in members.indices {
            guard let reason = reasons[place] else { continue }
            let member = members[place]
            body(
                PlannedWindow(
                    streamIndex: streamIndex, accountIndex: member.index, stream: stream.name,
                    account: member.name, bucket: bucket, window: window, reason: reason,
                    state: member.facts[column]?.state))
        }
    }
}

extension Candidates.Candidate {
    /// Why the window is exported, given what the ledger says of it; nil where it is complete and
    /// stays so.
    fileprivate func reason(
        _ facts: WindowFacts?, isListChanged: Bool
    ) -> PlannedWindow.Reason? {
        switch facts?.state {
        case nil: reason
        case .archived: facts?.archive == .kept ? .publish : .archivePruned
        case .running, .failed, .interrupted, .shrunk: .retry
        case .complete where isListChanged: .listChanged
        case .complete where isForced: reason == .backfill ? .forced : .refresh
        case .complete: nil
        }
    }
}
