/// All records of one query in the order in which they are served, of which pages are cut.
struct RecordList {
    /// What records there are, newest first.
    enum Source {
        case stretch(CallStretch)
        case calls([Call])
    }

    private let source: Source
    private let isOldestFirst: Bool

    init(_ source: Source, isOldestFirst: Bool) {
        self.source = source
        self.isOldestFirst = isOldestFirst
    }

    /// Records of all pages.
    var count: Int {
        switch source {
        case .stretch(let stretch): stretch.count
        case .calls(let calls): calls.count
        }
    }

    /// The records at some positions of the order.
    func calls(at positions: Range<Int>) -> [Call] {
        let count = self.count
        let newest =
            isOldestFirst
            ? count - positions.upperBound..<count - positions.lowerBound : positions
        let found =
            switch source {
            case .stretch(let stretch): stretch.calls(at: newest)
            case .calls(let calls): Array(calls[newest])
            }
        return isOldestFirst ? found.reversed() : found
    }

    /// The page that the query asks for.
    func page(_ query: RecordQuery) -> RecordPage {
        let count = min(self.count, query.limit)
        let start = min(Int(clamping: self.start(query)), count)
        let end = query.size >= 1 ? min(Int(clamping: query.size), count - start) + start : start
        return RecordPage(
            calls: calls(at: start..<end), total: count, start: start, isLast: end >= count)
    }

    private func start(_ query: RecordQuery) -> Int64 {
        switch query.start {
        case .offset(let offset): return max(offset, 0)
        case .after(let anchor): return Int64(position(after: anchor))
        case .number:
            guard query.page >= 1, query.size >= 1 else { return .max }
            let (start, overflow) = (query.page - 1).multipliedReportingOverflow(by: query.size)
            return overflow ? .max : start
        }
    }

    /// The first position whose record comes after the anchor, which need not be there any more.
    private func position(after anchor: PageAnchor) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            let isAfter = calls(at: middle..<middle + 1).first.map { comes($0, after: anchor) }
            if isAfter ?? true { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// In the order of ``CallStretch``: what drift brought comes before calls of the same moment.
    private func comes(_ call: Call, after anchor: PageAnchor) -> Bool {
        if call.time == anchor.time, call.number == anchor.number { return false }
        let isOlder: Bool
        if call.time != anchor.time {
            isOlder = call.time < anchor.time
        } else {
            let (isNew, wasNew) = (
                call.number >= Call.firstDriftNumber, anchor.number >= Call.firstDriftNumber
            )
            isOlder = isNew == wasNew ? call.number < anchor.number : wasNew
        }
        return isOlder != isOldestFirst
    }
}
