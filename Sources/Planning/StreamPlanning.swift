import ExportModel

/// Decides for one stream which account windows are exported, and why.
struct StreamPlanning {
    private typealias Reasons = [Int: PlannedWindow.Reason]

    private let stream: Stream
    private let streamIndex: Int
    private let layout: PartitionLayout
    /// Indices of the accounts that take part.
    private let accounts: [Int]
    /// What the ledger says of each of them, by window key.
    private let facts: [[String: WindowFacts]]
    /// What it says of all accounts that partitions hold, also of those that left the pipeline.
    private let allFacts: [String: [String: WindowFacts]]
    private let changedLists: [String: Set<String>]
    /// Those that hold an account that takes part, oldest first.
    private let outdated: [OutdatedPartition]
    private let rejected: [String: [RejectedWindow]]
    /// Indices of the accounts that take part, by name.
    private let indices: [String: Int]

    /// - Parameters:
    ///   - index: of the stream in the pipeline.
    ///   - accounts: indices of those that take part.
    ///   - onlyListed: see ``Planner``.
    init(
        _ stream: Stream, index: Int, accounts: [Int], layout: PartitionLayout,
        ledger: LedgerView, onlyListed: Bool
    ) {
        self.stream = stream
        streamIndex = index
        self.layout = layout
        self.accounts = accounts
        let name = stream.name
        var allFacts = ledger.states[name] ?? [:]
        if onlyListed {
            let listed = Set(stream.accounts.map(\.name))
            allFacts = allFacts.filter { listed.contains($0.key) }
        }
        facts = accounts.map { allFacts[stream.accounts[$0].name] ?? [:] }
        self.allFacts = allFacts
        changedLists = ledger.changedLists[name] ?? [:]
        let pairs = accounts.map { (stream.accounts[$0].name, $0) }
        let indices = Dictionary(pairs) { first, _ in first }
        self.indices = indices
        outdated = ledger.outdated.filter { partition in
            let identity = partition.identity
            return identity.stream == name
                && (identity.account.map { indices[$0] != nil } ?? !indices.isEmpty)
        }
        rejected = Dictionary(
            grouping: ledger.rejected.filter { $0.identity.stream == name },
            by: \.identity.window)
    }

    // MARK: - What is due

    /// Plans the candidates of a run or a backfill.
    func append(_ candidates: [Candidates.Candidate], to plan: inout Plan) {
        let outdatedWindows = Dictionary(grouping: outdated, by: \.identity.window)
        var renewed: Set<PartitionIdentity> = []
        for candidate in candidates {
            var reasons = reasons(of: candidate)
            if candidate.isDue {
                if layout == .window, !reasons.isEmpty { addPruned(candidate.keyText, &reasons) }
                for partition in outdatedWindows[candidate.keyText] ?? []
                where renews(partition, &reasons) {
                    renewed.insert(partition.identity)
                }
                plan.windows += planned(reasons, candidate.window)
            } else {
                plan.notDue += planned(reasons, candidate.window)
            }
            plan.skippedComplete +=
                reasons.isEmpty ? accounts.count : accounts.count { reasons[$0] == nil }
        }
        let left = outdated.filter { !renewed.contains($0.identity) }
        for cause in OutdatedWindows.Cause.allCases {
            let windows = left.filter { $0.hasArchive == (cause == .notInRange) }
            report(windows.map(\.identity.window), cause, in: &plan)
        }
    }

    private func reasons(of candidate: Candidates.Candidate) -> Reasons {
        var reasons: Reasons = [:]
        for (index, facts) in zip(accounts, facts) {
            let isListChanged =
                !changedLists.isEmpty
                && changedLists[stream.accounts[index].name]?.contains(candidate.keyText) ?? false
            let reason = candidate.reason(facts[candidate.keyText], isListChanged: isListChanged)
            if let reason { reasons[index] = reason }
        }
        return reasons
    }

    /// A partition of all accounts is published whole: those that the archive does not have any
    /// more are asked for again, whether they were to take part or not.
    private func addPruned(_ key: String, _ reasons: inout Reasons) {
        for (index, account) in stream.accounts.enumerated()
        where reasons[index] == nil && allFacts[account.name]?[key]?.archive == .pruned {
            reasons[index] = .archivePruned
        }
    }

    /// Whether the plan makes a partition anew, for which it may have to be made again from the
    /// archive.
    private func renews(_ partition: OutdatedPartition, _ reasons: inout Reasons) -> Bool {
        let key = partition.identity.window
        switch layout {
        case .window:
            if !reasons.isEmpty { return true }
            guard !allFacts.values.contains(where: { $0[key]?.archive == .pruned }) else {
                return false
            }
            for (index, facts) in zip(accounts, facts) where facts[key]?.archive == .kept {
                reasons[index] = .outdated
            }
            return !reasons.isEmpty
        case .account:
            guard let index = partition.identity.account.flatMap({ indices[$0] }) else {
                return false
            }
            if reasons[index] != nil { return true }
            if partition.hasArchive { reasons[index] = .outdated }
            return partition.hasArchive
        }
    }

    // MARK: - What is made again

    /// Plans what is made again from the archive.
    ///
    /// - Parameter windows: oldest first.
    func rebuild(
        _ windows: [Window], outdatedOnly: Bool, rejectedOnly: Bool, in plan: inout Plan
    ) {
        let outdated = Set(outdated.map(\.identity.window))
        let outdatedAccounts = Dictionary(grouping: self.outdated, by: \.identity.window)
        var pruned: [String] = []
        for window in windows {
            let key = "\(window.key)"
            if outdatedOnly, !outdated.contains(key) { continue }
            let rejected = rejected[key] ?? []
            var reasons: Reasons = [:]
            for members in partitions(of: key, rejected) {
                let isRejected = rejected.contains { members.contains($0.identity.account) }
                let isOutdated = (outdatedAccounts[key] ?? []).contains {
                    $0.identity.account.map(members.contains) ?? true
                }
                if rejectedOnly && !isRejected || outdatedOnly && !isOutdated { continue }
                let taken = members.compactMap { indices[$0] }
                if taken.isEmpty { continue }
                guard members.allSatisfy({ has($0, key, rejected) }) else {
                    pruned.append(key)
                    continue
                }
                for index in taken { reasons[index] = .rebuild }
            }
            plan.windows += planned(reasons, window)
        }
        report(pruned, .archivePruned, in: &plan)
    }

    /// The accounts of each partition of a window.
    private func partitions(of key: String, _ rejected: [RejectedWindow]) -> [Set<String>] {
        let refused = rejected.filter(\.isRefused).map(\.identity.account)
        let verified = allFacts.filter { $0.value[key].map { $0.archive != .nothing } ?? false }
        let members = Set(verified.keys).union(refused)
        return layout == .window ? [members] : members.map { [$0] }
    }

    /// Whether the archive has what an account's part of a partition is made of.
    private func has(_ account: String, _ key: String, _ rejected: [RejectedWindow]) -> Bool {
        allFacts[account]?[key]?.archive == .kept
            || rejected.contains { $0.isRefused && $0.identity.account == account }
    }

    // MARK: - Pieces

    /// In the order of the accounts in the file.
    private func planned(_ reasons: Reasons, _ window: Window) -> [PlannedWindow] {
        let key = "\(window.key)"
        return reasons.sorted { $0.key < $1.key }.map { index, reason in
            let account = stream.accounts[index].name
            return PlannedWindow(
                streamIndex: streamIndex, accountIndex: index, stream: stream.name,
                account: account, window: window, reason: reason,
                state: allFacts[account]?[key]?.state)
        }
    }

    private func report(
        _ windows: [String], _ cause: OutdatedWindows.Cause, in plan: inout Plan
    ) {
        let found = OutdatedWindows(stream: stream.name, cause: cause, windows: windows)
        if let found { plan.outdated.append(found) }
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
