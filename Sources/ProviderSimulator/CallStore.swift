import Synchronization

/// All records of all endpoints and accounts: computed when asked for, except what drift has added
/// and which records are marked as read.
final class CallStore: Sendable {
    private struct DriftCall {
        var number: Int
        var time: Int64
        /// Calls of the timeline up to `time`.
        var rank: Int
    }

    private struct Stream {
        /// Oldest first
        var drift: [DriftCall] = []
        /// Numbers of the timeline's calls that have left.
        var departures: Set<Int> = []
        /// Numbers of the records marked as read.
        var read: Set<Int> = []

        /// Adds a record where its time puts it.
        mutating func add(_ number: Int, at time: Int64, of timeline: CallTimeline) {
            let call = DriftCall(number: number, time: time, rank: timeline.count(through: time))
            let index = drift.firstIndex { $0.time > time } ?? drift.count
            drift.insert(call, at: index)
        }
    }

    private struct Key: Hashable {
        var endpoint: String
        var account: String
    }

    private let options: SimulatorOptions
    private let streams = Mutex<[Key: Stream]>([:])

    init(options: SimulatorOptions) {
        self.options = options
    }

    /// The page of a query, newest first; nil if its request id is unknown.
    ///
    /// - Parameter marksRead: whether a filter for unread records marks those it returns.
    func page(_ query: RecordQuery, of provider: some Provider, marksRead: Bool) -> RecordPage? {
        let seed = streamSeed(provider.id, query.account)
        switch query.selection {
        case .requestID(let id):
            let calls = provider.calls(
                ofRequestID: id, account: query.account, streamSeed: seed)
            return calls.map { RecordPage(calls: $0, total: $0.count) }
        case .window(let from, let to):
            let bounds = query.bounds ?? options.bounds
            let low = bounds == .open ? from + 1 : from
            let high = bounds == .closed ? to : to - 1
            guard low <= high else { return RecordPage(calls: [], total: 0) }
            let list = records(low...high, query, of: provider)
            guard let filter = query.filter, !filter.isOpen else { return list.page(query) }
            return filteredPage(query, filter: filter, of: provider, list, marksRead: marksRead)
        }
    }

    /// The records of the page before one that was served; nil if there are none.
    func former(_ query: RecordQuery, _ page: RecordPage, of provider: some Provider) -> [Call]? {
        guard query.filter?.isOpen ?? true, page.start > 0 else { return nil }
        var former = query
        former.start = .offset(max(Int64(page.start) - query.size, 0))
        return self.page(former, of: provider, marksRead: false)?.calls
    }

    /// Adds a record at the newest end of the window, two to twelve seconds before its end.
    ///
    /// - Returns: false if the endpoint and account have had all that drift may add.
    func drift(_ query: RecordQuery, of provider: some Provider) -> Bool {
        guard case .window(let from, let to) = query.selection, from <= to else { return false }
        let key = Key(endpoint: provider.id, account: query.account)
        let timeline = self.timeline(provider, account: query.account)
        return streams.withLock { streams in
            var stream = streams[key, default: Stream()]
            guard stream.drift.count < options.driftBudget else { return false }
            let number = Call.firstDriftNumber + stream.drift.count
            let jitter = SeededDraw.mix(timeline.seed ^ UInt64(number)) % 10_000
            var time = to - 2_000 - Int64(jitter)
            if time < from { time = from + (to - from) / 2 }
            time -= time % provider.resolutionMilliseconds
            stream.add(number, at: time, of: timeline)
            streams[key] = stream
            return true
        }
    }

    /// Takes a record of the window away, and lets another enter it, anywhere in it.
    ///
    /// - Returns: false if nothing may leave any more.
    func swap(_ query: RecordQuery, of provider: some Provider, draw: SeededDraw) -> Bool {
        guard case .window(let from, let to) = query.selection, from < to else { return false }
        var draw = draw
        let key = Key(endpoint: provider.id, account: query.account)
        let timeline = self.timeline(provider, account: query.account)
        let calls = timeline.count(through: from - 1)..<timeline.count(through: to)
        guard !calls.isEmpty else { return false }
        return streams.withLock { streams in
            var stream = streams[key, default: Stream()]
            let leaving = calls.lowerBound + draw.below(calls.count)
            guard stream.departures.count < SimulatorOptions.departureLimit,
                stream.departures.insert(leaving).inserted
            else { return false }
            var time = from + Int64(draw.below(Int(to - from)))
            time -= time % provider.resolutionMilliseconds
            stream.add(Call.firstDriftNumber + stream.drift.count, at: time, of: timeline)
            streams[key] = stream
            return true
        }
    }

    /// Every record of `[from, to)`, oldest first, those of the same time by their identifiers.
    func truth(from: Int64, to: Int64, of provider: some Provider, account: String) -> [Call] {
        guard from < to else { return [] }
        let stretch = self.stretch(from...(to - 1), provider: provider, account: account)
        let calls = stretch.calls(at: 0..<stretch.count).map { ($0, provider.identifier(of: $0)) }
        return calls.sorted { ($0.0.time, $0.1) < ($1.0.time, $1.1) }.map(\.0)
    }

    /// The records of one request id, in the order in which they are served.
    func truth(requestID: String, of provider: some Provider, account: String) -> [Call] {
        provider.calls(
            ofRequestID: requestID, account: account,
            streamSeed: streamSeed(provider.id, account)) ?? []
    }

    /// Whether the record is one of those that `dirty-rows` spoils.
    func isDirty(_ call: Call) -> Bool {
        let rate = options.rate(of: .dirtyRows)
        guard rate > 0 else { return false }
        var draw = call.draw(SeededDraw.number(of: SimulatorFault.dirtyRows.rawValue))
        return SeededDraw.falls(draw.next(), under: rate)
    }

    /// Takes back drift and marks.
    func reset() {
        streams.withLock { $0 = [:] }
    }

    private func streamSeed(_ endpoint: String, _ account: String) -> UInt64 {
        SeededDraw.seed(
            options.seed, SeededDraw.number(of: endpoint), SeededDraw.number(of: account))
    }

    private func timeline(_ provider: some Provider, account: String) -> CallTimeline {
        CallTimeline(
            options: options, seed: streamSeed(provider.id, account),
            resolutionMilliseconds: provider.resolutionMilliseconds)
    }

    private func stretch(
        _ moments: ClosedRange<Int64>, provider: some Provider, account: String
    ) -> CallStretch {
        let timeline = self.timeline(provider, account: account)
        let key = Key(endpoint: provider.id, account: account)
        let (drift, departures) = streams.withLock {
            ($0[key]?.drift ?? [], $0[key]?.departures ?? [])
        }
        let first = timeline.count(through: moments.lowerBound - 1)
        let end = timeline.count(through: moments.upperBound)
        return CallStretch(
            timeline: timeline, account: account, first: first, end: end,
            additions: drift.reversed().filter { moments.contains($0.time) }.map {
                CallStretch.Addition(number: $0.number, time: $0.time, rank: $0.rank)
            },
            departures: departures.filter { first <= $0 && $0 < end }.sorted(by: >))
    }

    /// The records that begin, or end, at these moments.
    private func records(
        _ moments: ClosedRange<Int64>, _ query: RecordQuery, of provider: some Provider
    ) -> RecordList {
        guard query.selectsEnds else {
            let stretch = self.stretch(moments, provider: provider, account: query.account)
            return RecordList(.stretch(stretch), isOldestFirst: query.isOldestFirst)
        }
        let first = moments.lowerBound - Call.maximumSeconds * 1_000
        let stretch = self.stretch(
            first...moments.upperBound, provider: provider, account: query.account)
        let calls = stretch.calls(at: 0..<stretch.count).filter { moments.contains($0.endTime) }
        return RecordList(.calls(calls), isOldestFirst: query.isOldestFirst)
    }

    private func filteredPage(
        _ query: RecordQuery, filter: CallFilter, of provider: some Provider,
        _ list: RecordList, marksRead: Bool
    ) -> RecordPage {
        let key = Key(endpoint: provider.id, account: query.account)
        return streams.withLock { streams in
            let read = streams[key]?.read ?? []
            let calls = list.calls(at: 0..<list.count).filter { call in
                (filter.readState == .all
                    || read.contains(call.number) == (filter.readState == .read))
                    && provider.passes(call, filter)
            }
            let page = RecordList(.calls(calls), isOldestFirst: false).page(query)
            if marksRead, filter.readState == .unread {
                streams[key, default: Stream()].read.formUnion(page.calls.map(\.number))
            }
            return page
        }
    }
}
