import ExportModel

/// Records without a readable time, each with how often it was seen: by its key, without a key by
/// its bytes.
struct UntimedRecords: Sendable {
    private var counts: [[UInt8]: Int] = [:]

    init() {}

    init(_ rows: [UntimedRow]) {
        for row in rows { counts[row.identity, default: 0] += 1 }
    }

    var isEmpty: Bool { counts.isEmpty }

    /// Takes one record out.
    ///
    /// - Returns: false if it is not there.
    mutating func take(_ identity: [UInt8]) -> Bool {
        guard let count = counts[identity] else { return false }
        counts[identity] = count == 1 ? nil : count - 1
        return true
    }

    /// Those that are in the others too, and those that are not.
    func divided(by others: UntimedRecords) -> (shared: UntimedRecords, rest: UntimedRecords) {
        var (shared, rest) = (UntimedRecords(), UntimedRecords())
        for (identity, count) in counts {
            let both = min(count, others.counts[identity] ?? 0)
            if both > 0 { shared.counts[identity] = both }
            if count > both { rest.counts[identity] = count - both }
        }
        return (shared, rest)
    }
}

/// A record without a readable time.
struct UntimedRow: Sendable {
    var row: RowReference
    /// Its key, or its bytes where it has none; equal for the same record wherever it is seen.
    var identity: [UInt8]
}
