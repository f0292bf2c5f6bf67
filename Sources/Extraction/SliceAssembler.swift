import ExportModel

/// A slice put together from its pages, before it is known whether that is all of it.
public struct AssembledSlice: Sendable {
    /// The rows that count, in order.
    var slice: ExtractedSlice
    /// Different records received, those of the padding and the unidentified ones included.
    var foundCount: Int
    /// Those of the unidentified rows that have no readable time.
    var untimed: [UntimedRow]
    /// Records of the padding before and after the range.
    var beforeCount: Int
    var afterCount: Int
    /// A key came with two different contents, so that nobody can say which one counts.
    var hasConflict: Bool
    /// Why it is not verified, where it is published all the same.
    var mismatch: ExtractionError?

    /// This slice with what the provider says of it.
    func reporting(_ total: Int, mismatch: ExtractionError?) -> AssembledSlice {
        var reported = self
        reported.slice.counts.reportedTotal = total
        reported.mismatch = mismatch
        return reported
    }
}

/// Drops repeated keys and the padding, and sorts what is left by start time, then key.
struct SliceAssembler {
    private struct Entry {
        var time: Int64
        var hash: UInt64
        var row: RowReference
    }

    private let pages: [IdentifiedPage]
    private let range: TimeRange?
    private let asked: TimeRange?
    /// The first of each key, inside the range, with a readable time.
    private var kept: [Entry] = []
    /// What belongs to no window: without a readable key or time, or far outside what was asked.
    private var setAside: [RowReference] = []
    private var foundCount = 0
    private var beforeCount = 0
    private var hasConflict = false
    private var counts = ExtractionCounts()

    /// - Parameters:
    ///   - pages: in the order of their numbers.
    ///   - range: rows outside are dropped and counted; nil keeps all.
    ///   - asked: what the requests asked for; a row far outside belongs to no other window's
    ///     requests either, so it is set aside with the unidentified ones. nil sets none aside.
    static func assemble(
        _ pages: [IdentifiedPage], range: TimeRange?, asked: TimeRange? = nil
    ) -> AssembledSlice {
        var assembler = SliceAssembler(pages, range: range, asked: asked)
        assembler.takeRows()
        assembler.sort()
        return assembler.assembled
    }

    private init(_ pages: [IdentifiedPage], range: TimeRange?, asked: TimeRange?) {
        self.pages = pages
        self.range = range
        self.asked = asked
    }

    // MARK: Rows

    private mutating func takeRows() {
        let rowCount = pages.reduce(0) { $0 + $1.rowCount }
        kept.reserveCapacity(rowCount)
        var table = KeyTable(capacity: rowCount)
        /// By place in the table.
        var seen: [RowReference] = []
        seen.reserveCapacity(rowCount)
        for (index, page) in pages.enumerated() {
            let identities = page.identities
            for row in identities.rows.indices {
                let reference = RowReference(page: index, row: row)
                let identity = identities.rows[row]
                guard identities.isKeyed(row) else {
                    takeUnidentified(reference, time: identity.time)
                    continue
                }
                let earlier = table.insert(seen.count, hash: identity.hash) { place in
                    let first = seen[place]
                    return identities.hasKey(
                        row, equalTo: Int(first.row), of: pages[Int(first.page)].identities)
                }
                if let earlier {
                    counts.duplicates += 1
                    if page.raw(row) != raw(seen[earlier]) { hasConflict = true }
                    continue
                }
                seen.append(reference)
                take(Entry(time: identity.time, hash: identity.hash, row: reference))
            }
        }
    }

    @inline(__always)
    private mutating func take(_ entry: Entry) {
        if entry.time == IdentifiedPage.noTime {
            takeUnidentified(entry.row, time: entry.time)
            return
        }
        foundCount += 1
        if let asked, asked.isFar(entry.time) {
            setAside.append(entry.row)
        } else if isInside(entry.time) {
            kept.append(entry)
        }
    }

    private mutating func takeUnidentified(_ row: RowReference, time: Int64) {
        foundCount += 1
        let staysAnyway =
            time == IdentifiedPage.noTime || range == nil || (asked?.isFar(time) ?? false)
        if staysAnyway || isInside(time) { setAside.append(row) }
    }

    /// Counts what lies outside the range.
    @inline(__always)
    private mutating func isInside(_ time: Int64) -> Bool {
        guard let range else { return true }
        let moment = Timestamp(epochMilliseconds: time)
        if range.contains(moment) { return true }
        counts.outsideWindow += 1
        if moment < range.start { beforeCount += 1 }
        return false
    }

    // MARK: Order

    /// Providers list their records by time, so that the rows are in order, or in the reverse
    /// order, but for some of the same time: most move by no place or few.
    private mutating func sort() {
        let pages = pages
        if let first = kept.first, let last = kept.last, first.time > last.time { kept.reverse() }
        var movesLeft = kept.count
        for index in kept.indices.dropFirst() {
            let entry = kept[index]
            var place = index
            while place > 0, Self.isInOrder(entry, before: kept[place - 1], pages) {
                kept[place] = kept[place - 1]
                place -= 1
                movesLeft -= 1
            }
            kept[place] = entry
            if movesLeft < 0 { return kept.sort { Self.isInOrder($0, before: $1, pages) } }
        }
    }

    @inline(__always)
    private static func isInOrder(
        _ left: Entry, before right: Entry, _ pages: [IdentifiedPage]
    ) -> Bool {
        if left.time != right.time { return left.time < right.time }
        return pages[Int(left.row.page)].identities.precedes(
            Int(left.row.row), Int(right.row.row), of: pages[Int(right.row.page)].identities)
    }

    // MARK: Result

    private var assembled: AssembledSlice {
        var counts = counts
        counts.pages = pages.count
        counts.trailingCommaPages = pages.count { $0.hasTrailingComma }
        let untimed = setAside.compactMap { row -> UntimedRow? in
            let page = pages[Int(row.page)]
            guard page.identities.rows[Int(row.row)].time == IdentifiedPage.noTime else {
                return nil
            }
            return UntimedRow(row: row, identity: page.identity(Int(row.row)))
        }
        return AssembledSlice(
            slice: ExtractedSlice(
                range: range, pages: pages.map(\.page), rows: kept.map(\.row),
                keyHashes: kept.map(\.hash), unidentified: setAside, counts: counts),
            foundCount: foundCount, untimed: untimed, beforeCount: beforeCount,
            afterCount: counts.outsideWindow - beforeCount, hasConflict: hasConflict)
    }

    private func raw(_ row: RowReference) -> ArraySlice<UInt8> {
        pages[Int(row.page)].raw(Int(row.row))
    }
}
