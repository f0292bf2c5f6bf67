public import ExportModel

/// Turns a pipeline, a moment and the ledger's view into the windows to export.
///
/// A window is due once its end and the stream's `settle` have passed. `run` takes the due windows
/// of `range`, every due window since `catch_up_from`, both unless they are complete, and the
/// `refresh` newest due windows of the grid even if they are (whether `range` holds them or not). A
/// backfill takes the due windows of its stretch, `range` and `catch_up_from` aside. A request list
/// without dates is one window, always due: `run` takes it until it is complete (or always, if
/// `refresh` is above 0), a backfill never. A complete window whose list of request ids is another
/// one now counts as not complete.
///
/// What is archived and not published is planned too, and so are outdated partitions if the archive
/// has all that they hold. A partition of all accounts is published whole: accounts that the archive
/// does not have any more are planned with the others.
public struct Planner: Sendable {
    /// Windows that one plan may hold over all accounts.
    public static let plannedLimit = 1_000_000

    private struct Part: Sendable {
        var streamIndex: Int
        /// Indices of the accounts that are asked for; nil: all.
        var asked: Set<Int>?
        var accountCount: Int
        var candidates: Candidates
    }

    private let pipeline: Pipeline
    private let layout: PartitionLayout
    private let request: PlanRequest
    private let cutter: WindowCutter
    private let onlyListed: Bool
    private var parts: [Part]

    /// Decides which windows the request is about.
    ///
    /// - Parameters:
    ///   - streams: names of the streams to take; nil: all.
    ///   - accounts: names of the accounts to take, in whichever streams have them; nil: all. What
    ///     a partition of all accounts needs besides is planned all the same.
    ///   - onlyListed: accounts that left the pipeline are left out of partitions that are made
    ///     again, so that the archive need not have them.
    ///   - isUnlimited: whether there may be more windows than ``plannedLimit``, for
    ///     ``forEachWindow(ledger:_:)``.
    /// - Throws: any ``PlanningError``.
    public init(
        pipeline: Pipeline, layout: PartitionLayout, now: Timestamp, request: PlanRequest = .run,
        streams: Set<String>? = nil, accounts: Set<String>? = nil, onlyListed: Bool = false,
        isUnlimited: Bool = false
    ) throws(PlanningError) {
        try Self.check(streams, isIn: pipeline.streams.map(\.name), .unknownStream)
        let cutter = try WindowCutter(timeZoneIdentifier: pipeline.timeZoneIdentifier)
        var parts: [Part] = []
        for (index, stream) in pipeline.streams.enumerated()
        where streams?.contains(stream.name) ?? true {
            let asked = accounts.map { names in
                Set(stream.accounts.indices.filter { names.contains(stream.accounts[$0].name) })
            }
            let candidates = try Self.candidates(stream, cutter, now, request)
            parts.append(
                Part(
                    streamIndex: index, asked: asked,
                    accountCount: asked?.count ?? stream.accounts.count, candidates: candidates))
        }
        if accounts != nil {
            let known = parts.flatMap { pipeline.streams[$0.streamIndex].accounts.map(\.name) }
            try Self.check(accounts, isIn: known, .unknownAccount)
        }
        self.pipeline = pipeline
        self.layout = layout
        self.request = request
        self.cutter = cutter
        self.onlyListed = onlyListed
        self.parts = parts
        let count = parts.reduce(0) { $0 + $1.accountCount * $1.candidates.windows.count }
        guard isUnlimited || count <= Self.plannedLimit else {
            throw PlanningError(
                code: .tooManyWindows,
                message: "the request is about \(count) windows over all accounts, at most "
                    + "\(Self.plannedLimit) can be planned at once; choose a shorter stretch or "
                    + "name streams or accounts")
        }
    }

    /// The same for some of the streams, in the order in which they are exported: those that are
    /// asked by themselves, then those whose request ids are rows of the former. One planner where
    /// there are only the former.
    public var stages: [Planner] {
        let groups = [false, true].map { isFed in
            var stage = self
            stage.parts = parts.filter {
                (pipeline.streams[$0.streamIndex].requests?.parent != nil) == isFed
            }
            return stage
        }
        return groups[1].parts.isEmpty ? [self] : groups
    }

    /// Names of the streams that it plans.
    public var streams: Set<String> { Set(parts.map { pipeline.streams[$0.streamIndex].name }) }

    /// The start of the oldest window that the plan may hold: nothing older need be read from the
    /// ledger. nil if no window of the plan has a start.
    public var earliestStart: Timestamp? {
        if case .rebuild(let from, _, _, _) = request {
            return from.map { cutter.start(of: $0) } ?? Timestamp(epochMilliseconds: .min)
        }
        return parts.lazy.flatMap(\.candidates.windows).compactMap(\.window.range?.start).min()
    }

    /// Whether the plan is made of what the archive has; see ``LedgerView``.
    public var isRebuild: Bool {
        if case .rebuild = request { return true }
        return false
    }

    /// Drops what is complete and says why the rest is to be exported.
    public func plan(ledger: LedgerView) -> Plan {
        var (windows, notDue): ([PlannedWindow], [PlannedWindow]) = ([], [])
        var plan = forEachWindow(ledger: ledger) { window, isDue in
            if isDue { windows.append(window) } else { notDue.append(window) }
        }
        (plan.windows, plan.notDue) = (windows, notDue)
        return plan
    }

    /// The same without holding the windows.
    ///
    /// - Parameter body: gets each window and whether it is due, in the order of ``Plan/windows``.
    /// - Returns: all else of the plan.
    public func forEachWindow(
        ledger: LedgerView, _ body: (PlannedWindow, _ isDue: Bool) -> Void
    ) -> Plan {
        var plan = Plan()
        for part in parts {
            let stream = pipeline.streams[part.streamIndex]
            if part.candidates.hasNoDates { plan.streamsWithoutDates.append(stream.name) }
            let outdated = ledger.outdated.filter { $0.identity.stream == stream.name }
            var plannings = plannings(of: part, outdated: outdated, ledger)
            if isRebuild {
                rebuild(&plannings, of: part, ledger, in: &plan) { body($0, true) }
                continue
            }
            var renewed: Set<PartitionIdentity> = []
            for candidate in part.candidates.windows {
                for index in plannings.indices {
                    plan.skippedComplete += plannings[index].plan(
                        candidate, renewed: &renewed, body)
                }
            }
            let left = outdated.filter { partition in
                !renewed.contains(partition.identity)
                    && plannings.contains { $0.isAbout(partition.identity) }
            }
            for cause in OutdatedWindows.Cause.allCases {
                let windows = left.filter { $0.hasArchive == (cause == .notInRange) }
                plan.report(windows.map(\.identity.window), cause, of: stream.name)
            }
        }
        return plan
    }

    private func rebuild(
        _ plannings: inout [StreamPlanning], of part: Part, _ ledger: LedgerView,
        in plan: inout Plan, _ body: (PlannedWindow) -> Void
    ) {
        guard case .rebuild(let from, let to, let outdatedOnly, let rejectedOnly) = request,
            !part.candidates.hasNoDates
        else { return }
        let stream = pipeline.streams[part.streamIndex].name
        var pruned: [String] = []
        for window in ledger.archived[stream] ?? [] where isIn(window, from, to) {
            for index in plannings.indices {
                let count = plannings[index].rebuild(
                    window, outdatedOnly: outdatedOnly, rejectedOnly: rejectedOnly, body)
                pruned += Array(repeating: "\(window.key)", count: count)
            }
        }
        plan.report(pruned, .archivePruned, of: stream)
    }

    /// One for each bucket that has accounts; one where there are no buckets.
    private func plannings(
        of part: Part, outdated: [OutdatedPartition], _ ledger: LedgerView
    ) -> [StreamPlanning] {
        let stream = pipeline.streams[part.streamIndex]
        let count = layout == .window ? pipeline.output.buckets : 1
        func bucket(_ account: String) -> Int? {
            count > 1 ? Bucket(holding: account, among: count).index : nil
        }
        var facts = ledger.facts[stream.name] ?? StreamFacts()
        if onlyListed {
            let listed = Set(stream.accounts.map(\.name))
            facts = facts.filter(listed.contains)
        }
        let members = Dictionary(grouping: stream.accounts.indices) { index in
            bucket(stream.accounts[index].name)
        }
        let factsOfBuckets = count > 1 ? facts.grouped(by: bucket) : [nil: facts]
        return members.sorted { $0.key ?? 0 < $1.key ?? 0 }.map { bucket, members in
            StreamPlanning(
                stream, index: part.streamIndex, bucket: bucket, members: members,
                asked: part.asked, layout: layout,
                facts: factsOfBuckets[bucket] ?? StreamFacts(), outdated: outdated, ledger: ledger)
        }
    }

    /// Whether a window starts in `[from, to)`. Request lists have no start.
    private func isIn(_ window: Window, _ from: LocalHour?, _ to: LocalHour?) -> Bool {
        if from == nil, to == nil { return true }
        guard let start = window.range?.start else { return false }
        return from.map { cutter.start(of: $0) <= start } ?? true
            && to.map { start < cutter.start(of: $0) } ?? true
    }

    private static func candidates(
        _ stream: Stream, _ cutter: WindowCutter, _ now: Timestamp, _ request: PlanRequest
    ) throws(PlanningError) -> Candidates {
        do {
            return try Candidates(of: stream, cutter: cutter, now: now, request: request)
        } catch {
            throw PlanningError(error, of: stream.name)
        }
    }

    private static func check(
        _ wanted: Set<String>?, isIn known: [String], _ code: PlanningError.Code
    ) throws(PlanningError) {
        guard let missing = wanted?.subtracting(known).min() else { return }
        // Streams share accounts' names.
        var seen: Set<String> = []
        let known = known.filter { seen.insert($0).inserted }
        throw PlanningError(
            code: code,
            message: "the pipeline has no \(code.noun) '\(missing)'"
                + NearestName.remedy(for: missing, among: known))
    }
}
