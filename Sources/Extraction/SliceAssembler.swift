import ExportModel

/// A slice put together from its pages, before it is known whether that is all of it.
struct AssembledSlice: Sendable {
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
enum SliceAssembler {
    private struct Entry {
        var time: Int64
        var page: Int
        var row: Int
        var hash: UInt64
    }

    /// - Parameters:
    ///   - pages: in the order of their numbers.
    ///   - range: rows outside are dropped and counted; nil keeps all.
    ///   - asked: what the requests asked for; a row far outside belongs to no other window's
    ///     requests either, so it is set aside with the unidentified ones. nil sets none aside.
    static func assemble(
        _ pages: [IdentifiedPage], range: TimeRange?, asked: TimeRange? = nil
    ) -> AssembledSlice {
        var entries: [Entry] = []
        var unidentified: [RowReference] = []
        for (index, page) in pages.enumerated() {
            for row in 0..<page.rowCount {
                if page.keyRange(row).isEmpty {
                    unidentified.append(RowReference(page: index, row: row))
                } else {
                    entries.append(
                        Entry(
                            time: page.times[row], page: index, row: row, hash: page.hashes[row]))
                }
            }
        }
        var counts = ExtractionCounts()
        var hasConflict = false
        var unique = withoutRepeats(entries, pages, &counts, &hasConflict)
        let foundCount = unique.count + unidentified.count
        for entry in unique where entry.time == IdentifiedPage.noTime {
            unidentified.append(RowReference(page: entry.page, row: entry.row))
        }
        unique.removeAll { $0.time == IdentifiedPage.noTime }
        let strays = unique.filter { asked?.isFar($0.time) ?? false }
        var beforeCount = 0
        /// Drops and counts what lies outside; a row whose time cannot be read stays.
        func isKept(_ time: Int64) -> Bool {
            guard let range, time != IdentifiedPage.noTime else { return true }
            if asked?.isFar(time) ?? false { return true }
            let moment = Timestamp(epochMilliseconds: time)
            if range.contains(moment) { return true }
            counts.outsideWindow += 1
            if moment < range.start { beforeCount += 1 }
            return false
        }
        var kept = unique.filter { !(asked?.isFar($0.time) ?? false) && isKept($0.time) }
        unidentified = unidentified.filter { isKept(pages[Int($0.page)].times[Int($0.row)]) }
        unidentified += strays.map { RowReference(page: $0.page, row: $0.row) }
        unidentified.sort { ($0.page, $0.row) < ($1.page, $1.row) }
        sort(&kept, pages)
        let untimed = unidentified.compactMap { row -> UntimedRow? in
            let page = pages[Int(row.page)]
            guard page.times[Int(row.row)] == IdentifiedPage.noTime else { return nil }
            return UntimedRow(row: row, identity: page.identity(Int(row.row)))
        }
        counts.pages = pages.count
        counts.trailingCommaPages = pages.count { $0.hasTrailingComma }
        return AssembledSlice(
            slice: ExtractedSlice(
                range: range, pages: pages.map(\.page),
                rows: kept.map { RowReference(page: $0.page, row: $0.row) },
                keyHashes: kept.map(\.hash),
                unidentified: unidentified, counts: counts),
            foundCount: foundCount, untimed: untimed, beforeCount: beforeCount,
            afterCount: counts.outsideWindow - beforeCount, hasConflict: hasConflict)
    }

    /// The first entry of every key, in page order.
    private static func withoutRepeats(
        _ entries: [Entry], _ pages: [IdentifiedPage], _ counts: inout ExtractionCounts,
        _ hasConflict: inout Bool
    ) -> [Entry] {
        let order = entries.indices.sorted { left, right in
            (entries[left].hash, left) < (entries[right].hash, right)
        }
        var isRepeat = [Bool](repeating: false, count: entries.count)
        var start = 0
        while start < order.count {
            var end = start + 1
            while end < order.count, entries[order[end]].hash == entries[order[start]].hash {
                end += 1
            }
            for later in start + 1..<max(end, start + 1) {
                for earlier in start..<later where !isRepeat[order[earlier]] {
                    let (first, second) = (entries[order[earlier]], entries[order[later]])
                    guard key(first, pages) == key(second, pages) else { continue }
                    isRepeat[order[later]] = true
                    if raw(first, pages) != raw(second, pages) { hasConflict = true }
                    break
                }
            }
            start = end
        }
        counts.duplicates = isRepeat.count { $0 }
        return entries.indices.filter { !isRepeat[$0] }.map { entries[$0] }
    }

    private static func sort(_ entries: inout [Entry], _ pages: [IdentifiedPage]) {
        entries.sort { left, right in
            if left.time != right.time { return left.time < right.time }
            return key(left, pages).lexicographicallyPrecedes(key(right, pages))
        }
    }

    private static func key(_ entry: Entry, _ pages: [IdentifiedPage]) -> ArraySlice<UInt8> {
        pages[entry.page].key(entry.row)
    }

    private static func raw(_ entry: Entry, _ pages: [IdentifiedPage]) -> ArraySlice<UInt8> {
        let page = pages[entry.page].page
        return page.body[page.rows[entry.row]]
    }
}
