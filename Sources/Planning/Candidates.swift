public import ExportModel

/// The windows of one stream that a request is about, before the ledger is asked.
struct Candidates {
    struct Candidate {
        var window: Window
        var isDue: Bool
        /// Extracted although it is complete.
        var isForced: Bool
        /// Why it is planned if it was never begun.
        var reason: PlannedWindow.Reason
        /// Its key as the ledger writes it.
        var keyText: String
    }

    /// Oldest first, each window once.
    private(set) var windows: [Candidate] = []
    /// The request is about dates and the stream has none.
    private(set) var hasNoDates = false

    private let cutter: WindowCutter
    private let options: WindowOptions
    /// A window that ends by then is due.
    private let dueEnd: Timestamp

    /// - Throws: `range_off_grid`, `empty_range`, `too_many_windows`.
    init(
        of stream: Stream, cutter: WindowCutter, now: Timestamp, request: PlanRequest
    ) throws(PlanningError) {
        self.cutter = cutter
        options = stream.windows
        dueEnd = now.advanced(milliseconds: -stream.windows.settleMilliseconds)
        switch (request, stream.requests?.singleBatch) {
        case (.rebuild(nil, nil, _, _), _): break
        case (.rebuild, .some): hasNoDates = true
        case (.rebuild(let from, let to, _, _), nil):
            if let from, let to, from >= to {
                throw PlanningError(
                    code: .emptyRange,
                    message: "'to' \(to.text) is not after 'from' \(from.text); 'to' is exclusive")
            }
        case (.run, let batch?):
            // A request list without dates is one window that is always due.
            let window = Window(
                key: .batch(batch), range: nil, timeZoneIdentifier: cutter.timeZoneIdentifier)
            add([window], .range, isForced: options.refresh > 0)
        case (.backfill, .some):
            hasNoDates = true
        case (.run, nil):
            try addRun(now)
        case (.backfill(let from, let to, let mode), nil):
            let found = try cutter.windows(every: options.every, from: from, to: to)
            add(found, .backfill, isForced: mode == .force)
        }
    }

    private mutating func addRun(_ now: Timestamp) throws(PlanningError) {
        let grid = options.every
        add(try rangeWindows(now), .range)
        if let from = options.catchUpFrom {
            // For its check that `catch_up_from` is on the grid.
            _ = try cutter.windows(every: grid, from: from, to: from.border(after: grid))
            let start = min(cutter.start(of: from), dueEnd)
            let caught = try cutter.windows(
                every: grid, startingIn: TimeRange(start: start, end: dueEnd))
            add(caught.filter { isDue($0) }, .catchUp)
        }
        let newest = try cutter.windows(every: grid, before: dueEnd, count: options.refresh)
        add(newest, .refresh, isForced: true)
        windows = Self.merged(windows)
    }

    /// The windows of the pipeline's `range`, due or not.
    private func rangeWindows(_ now: Timestamp) throws(PlanningError) -> [Window] {
        switch options.range {
        case .between(let from, let to):
            return try cutter.windows(every: options.every, from: from, to: to)
        case .yesterday:
            return try windows(
                within: try cutter.windows(every: .day, before: now, count: 1), "yesterday")
        case .today:
            let recent = TimeRange(
                start: now.advanced(milliseconds: -3 * 86_400_000),
                end: now.advanced(milliseconds: 1))
            let today = try cutter.windows(every: .day, startingIn: recent).suffix(1)
            return try windows(within: Array(today), "today")
        case .last(let count, let unit):
            let units = try cutter.windows(every: unit, before: now, count: count)
            return try windows(within: units, "last \(count) \(unit.rawValue)s")
        }
    }

    /// The grid's windows that fill `units`, which follow each other.
    private func windows(within units: [Window], _ name: String) throws(PlanningError) -> [Window] {
        guard let start = units.first?.range?.start, let end = units.last?.range?.end else {
            return []
        }
        let found = try cutter.windows(
            every: options.every, startingIn: TimeRange(start: start, end: end))
        guard found.first?.range?.start == start, found.last?.range?.end == end else {
            let grid = options.every.rawValue
            throw PlanningError(
                code: .rangeOffGrid,
                message: "range '\(name)' does not begin and end with a \(grid); "
                    + "use 'last N \(grid)s' or choose a finer 'every'")
        }
        return found
    }

    private func isDue(_ window: Window) -> Bool {
        guard let end = window.range?.end else { return true }
        return end <= dueEnd
    }

    private mutating func add(
        _ found: [Window], _ reason: PlannedWindow.Reason, isForced: Bool = false
    ) {
        windows += found.map {
            Candidate(
                window: $0, isDue: isDue($0), isForced: isForced, reason: reason,
                keyText: $0.key.description)
        }
    }

    /// Each window once, under the first of its reasons, forced if one of them forces it.
    private static func merged(_ found: [Candidate]) -> [Candidate] {
        var places: [String: Int] = [:]
        places.reserveCapacity(found.count)
        var merged: [Candidate] = []
        merged.reserveCapacity(found.count)
        for candidate in found {
            if let place = places[candidate.keyText] {
                if candidate.isForced { merged[place].isForced = true }
            } else {
                places[candidate.keyText] = merged.count
                merged.append(candidate)
            }
        }
        return merged.sorted { $0.startMilliseconds < $1.startMilliseconds }
    }
}

extension Candidates.Candidate {
    /// Request lists, which have no start, sort first.
    var startMilliseconds: Int64 {
        window.range?.start.epochMilliseconds ?? .min
    }
}

extension RequestList {
    /// The name of the one batch that the list is; nil where each window has its own list.
    public var singleBatch: String? {
        if isPerWindow { return nil }
        switch self {
        case .file(_, let batch), .ids(_, let batch): return batch
        case .forEach: return nil
        }
    }
}
