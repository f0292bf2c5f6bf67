import ExportModel
import Planning
import RunLedger

/// Finds the complete windows whose list of request ids is another one than they were completed
/// with: account → ``WindowKey/description``. A list that cannot be read any more changes nothing.
struct ChangedLists {
    let pipeline: Pipeline
    let ledger: Ledger
    /// Called only where a parent was published anew.
    let makeParents: () -> ParentIDs
    /// Nothing older is looked at.
    let earliestStart: Timestamp?
    /// Whether the ledger may be written to: lists that turned out to be the same need not be read
    /// a second time then.
    let notesSame: Bool

    /// By stream; those of the named ones that have any.
    func windows(
        of streams: Set<String>, _ facts: [String: StreamFacts]
    ) throws(ExportError) -> [String: [String: Set<String>]] {
        var changed: [String: [String: Set<String>]] = [:]
        for stream in pipeline.streams where streams.contains(stream.name) {
            guard let list = stream.requests else { continue }
            let facts = facts[stream.name] ?? StreamFacts()
            changed[stream.name] = try windows(of: stream, list, facts)
        }
        return changed
    }

    private func windows(
        of stream: ExportModel.Stream, _ list: RequestList, _ facts: StreamFacts
    ) throws(ExportError) -> [String: Set<String>] {
        if let parent = list.parent { return try windows(of: stream, parent) }
        var changed: [String: Set<String>] = [:]
        var digests: [String: String] = [:]
        for (account, window) in facts.completeWindows {
            if digests[window] == nil {
                digests[window] = (try? RequestIDs(list, window: window))?.sha256
            }
            guard let digest = digests[window] else { continue }
            let known = try storing(
                try ledger.requestList(of: identity(stream, account, window)))
            if known == digest { continue }
            changed[account, default: []].insert(window)
        }
        return changed
    }

    /// Reads only lists whose parents have another version than the ledger remembers.
    private func windows(
        of stream: ExportModel.Stream, _ parent: ParentField
    ) throws(ExportError) -> [String: Set<String>] {
        guard let earliestStart else { return [:] }
        let stale = try storing(
            try ledger.staleRequestLists(
                pipeline: pipeline.name, stream: stream.name, parent: parent.stream,
                timeZone: pipeline.timeZoneIdentifier, since: earliestStart))
        if stale.isEmpty { return [:] }
        let parents = makeParents()
        let listed = Set(stream.accounts.map(\.name))
        var changed: [String: Set<String>] = [:]
        for list in stale where listed.contains(list.account) {
            guard let key = WindowKey(list.window) else { continue }
            let window = Window(
                key: key, range: list.range, timeZoneIdentifier: pipeline.timeZoneIdentifier)
            let identity = identity(stream, list.account, list.window)
            do throws(ExportError) {
                let ids = try parents.ids(parent, account: list.account, window: window)
                if ids.sha256 == list.sha256 {
                    if notesSame {
                        try storing(
                            try ledger.markRequestList(
                                ids.sha256, of: identity, from: parent.stream))
                    }
                    continue
                }
            } catch {
                guard error.kind == .configuration else { throw error }
                // Another version whose ids cannot be read: asking again says why.
                if !list.hasSource { continue }
            }
            changed[list.account, default: []].insert(list.window)
        }
        return changed
    }

    private func identity(
        _ stream: ExportModel.Stream, _ account: String, _ window: String
    ) -> WindowIdentity {
        WindowIdentity(
            pipeline: pipeline.name, stream: stream.name, account: account, window: window)
    }
}

extension StreamFacts {
    fileprivate var completeWindows: [(account: String, window: String)] {
        var found: [(account: String, window: String)] = []
        forEach { account, window, facts in
            if facts.state == .complete { found.append((account, window)) }
        }
        return found
    }
}
