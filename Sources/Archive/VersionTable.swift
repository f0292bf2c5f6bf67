import ExportModel

/// Where a block lies, and what its payload must be.
struct BlockPlace: Hashable {
    /// ``SegmentHeader/number``
    var segment: Int
    /// Where its frame begins.
    var offset: Int
    var frame: BlockFrame

    var payloadOffset: Int { offset + BlockFrame.byteCount + frame.index.storedByteCount }
    var end: Int { offset + frame.blockByteCount }
}

/// Where a slice can be read.
enum SlicePlace {
    /// Not written yet.
    case memory(ArchivedSlice)
    /// At `range` of a block's payload.
    case stored(BlockPlace, range: Range<Int>)
}

/// What a window's segments hold, as their blocks say: versions by account, slices by version. No
/// I/O.
struct VersionTable {
    struct Version {
        var mention: BlockIndex.Mention
        var slices: [SlicePlace] = []
        var end: ArchivedEnd?
        /// The segment that has the end; nil while it is not written.
        var endSegment: Int?
        /// A block of it is lost.
        var isDamaged = false

        /// The segments that have a part of it; what is not written yet will be in the same one.
        var segments: Set<Int?> {
            var segments: Set<Int?> = []
            for slice in slices {
                if case .stored(let place, _) = slice {
                    segments.insert(place.segment)
                } else {
                    segments.insert(nil)
                }
            }
            if end != nil { segments.insert(endSegment) }
            return segments
        }

        /// Adds what a block says of it; `offset` is where the block's next slice begins.
        fileprivate mutating func add(
            _ entry: BlockIndex.Entry, of mention: BlockIndex.Mention, at place: BlockPlace,
            _ offset: inout Int
        ) {
            if mention != self.mention { isDamaged = true }
            switch entry {
            case .slice(let ordinal, let byteCount):
                let range = offset..<offset + byteCount
                offset = range.upperBound
                if ordinal != slices.count || end != nil { isDamaged = true }
                if !isDamaged { slices.append(.stored(place, range: range)) }
            case .end(let end, let sliceCount):
                if sliceCount != slices.count { isDamaged = true }
                self.end = end
                endSegment = place.segment
            case .drop: break
            }
        }

        var isComplete: Bool { end != nil && !isDamaged }

        var archived: ArchivedVersion {
            ArchivedVersion(
                id: mention.id, account: mention.account, fingerprint: mention.fingerprint,
                sliceCount: slices.count, end: end)
        }
    }

    private(set) var versions: [String: Version] = [:]
    /// Version ids, oldest first.
    private var idsOfAccounts: [String: [String]] = [:]
    /// The segments that hold drops, by the dropped versions' ids.
    private var drops: [String: Int] = [:]
    /// Of all slices in each segment, before compression.
    private var byteCounts: [Int: Int] = [:]

    // MARK: - Asking

    var accounts: [String] {
        idsOfAccounts.keys.filter { !listed($0).isEmpty }.sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
    }

    /// Complete ones that can be read, and the newest of all if it is open.
    func listed(_ account: String) -> [Version] {
        let all = (idsOfAccounts[account] ?? []).compactMap { versions[$0] }
        return all.enumerated().filter { place, version in
            version.isComplete
                || (place == all.count - 1 && version.end == nil && !version.isDamaged)
        }.map(\.element)
    }

    /// The newest complete one; nil where a newer one was lost.
    func latest(_ account: String, includingRefused: Bool) -> Version? {
        for id in (idsOfAccounts[account] ?? []).reversed() {
            guard let version = versions[id] else { continue }
            if version.isDamaged { return nil }
            guard let end = version.end else { continue }
            if includingRefused || !end.isRefused { return version }
        }
        return nil
    }

    // MARK: - Appending

    mutating func begin(_ mention: BlockIndex.Mention) {
        let open = (idsOfAccounts[mention.account] ?? []).filter { versions[$0]?.end == nil }
        for id in open { remove(id) }
        remove(mention.id)
        add(mention)
    }

    /// - Returns: the slice's place in its version, from 0; nil where there is no such open version.
    mutating func append(
        _ slice: ArchivedSlice, to id: String
    ) -> (mention: BlockIndex.Mention, ordinal: Int)? {
        // Not by a copy of the version: its slices would be copied with every append.
        guard let mention = versions[id]?.mention, let ordinal = versions[id]?.slices.count,
            versions[id]?.end == nil
        else { return nil }
        versions[id]?.slices.append(.memory(slice))
        return (mention, ordinal)
    }

    /// - Returns: nil where there is no such open version.
    mutating func end(
        _ id: String, _ end: ArchivedEnd
    ) -> (mention: BlockIndex.Mention, sliceCount: Int)? {
        guard let version = versions[id], version.end == nil else { return nil }
        versions[id]?.end = end
        return (version.mention, version.slices.count)
    }

    /// Takes a version off the table.
    mutating func remove(_ id: String) {
        guard let version = versions.removeValue(forKey: id) else { return }
        let account = version.mention.account
        idsOfAccounts[account]?.removeAll { $0 == id }
        if idsOfAccounts[account]?.isEmpty == true { idsOfAccounts[account] = nil }
    }

    /// Marks the versions that have a slice in a block which cannot be read.
    ///
    /// - Returns: those that were not marked before.
    mutating func markDamaged(_ block: BlockPlace) -> [BlockIndex.Mention] {
        let lost = versions.values.filter { version in
            !version.isDamaged
                && version.slices.contains {
                    if case .stored(block, _) = $0 { true } else { false }
                }
        }
        for version in lost { versions[version.mention.id]?.isDamaged = true }
        return lost.map(\.mention).sorted { $0.id < $1.id }
    }

    /// Notes where the items of a block were written.
    mutating func settle(_ block: EncodedBlock, at place: BlockPlace) {
        for slice in block.slices {
            guard let count = versions[slice.version]?.slices.count, slice.ordinal < count else {
                continue
            }
            versions[slice.version]?.slices[slice.ordinal] = .stored(place, range: slice.range)
        }
        for id in block.ended where versions[id]?.end != nil {
            versions[id]?.endSegment = place.segment
        }
        for id in block.dropped { drops[id] = place.segment }
        byteCounts[place.segment, default: 0] += place.frame.payload.byteCount
    }

    // MARK: - Reading back

    /// Adds what a block of a segment says; blocks come in the order they were written.
    mutating func add(_ index: BlockIndex, at place: BlockPlace) {
        byteCounts[place.segment, default: 0] += place.frame.payload.byteCount
        var offset = 0
        for (number, entry) in index.entries {
            let mention = index.mentions[number]
            if case .drop = entry {
                remove(mention.id)
                drops[mention.id] = place.segment
                continue
            }
            if versions[mention.id] == nil { add(mention) }
            // In place: a copy of the version would copy its slices with every append.
            versions[mention.id, default: Version(mention: mention)].add(
                entry, of: mention, at: place, &offset)
        }
    }

    /// Ends the reading: open versions that newer ones follow count no more.
    mutating func finishReading() {
        for ids in idsOfAccounts.values {
            for id in ids.dropLast()
            where versions[id]?.end == nil && versions[id]?.isDamaged == false {
                remove(id)
            }
        }
    }

    /// The blocks that have a slice of a version, in the order of the files.
    var places: [BlockPlace] {
        var found: Set<BlockPlace> = []
        for version in versions.values where !version.isDamaged {
            for case .stored(let place, _) in version.slices { found.insert(place) }
        }
        return found.sorted { ($0.segment, $0.offset) < ($1.segment, $1.offset) }
    }

    /// Where the slices of versions lie in a block.
    func ranges(in block: BlockPlace) -> [Range<Int>] {
        versions.values.flatMap { version in
            version.slices.compactMap { slice in
                guard case .stored(block, let range) = slice else { return nil }
                return range
            }
        }
    }

    // MARK: - Room

    /// What of an account is newer than its newest good version: the open version, and the newest
    /// one that was refused because of its rejects.
    private func unfinished(_ account: String) -> [String] {
        let newer = listed(account).reversed().prefix { $0.end?.isRefused != false }
        let refused = newer.first { $0.end != nil }
        return (newer.filter { $0.end == nil } + [refused].compactMap { $0 }).map(\.mention.id)
    }

    /// Forgets the versions of some accounts, or of all, that are neither named nor unfinished.
    ///
    /// - Returns: those whose drop must be written: the newest of an account, which would be back
    ///   with the next opening, and those in several segments, of which one may go before the other.
    mutating func keep(_ ids: Set<String>, of accounts: Set<String>?) -> [BlockIndex.Mention] {
        var dropped: [BlockIndex.Mention] = []
        for account in idsOfAccounts.keys.sorted() where accounts?.contains(account) ?? true {
            let kept = ids.union(unfinished(account))
            let all = idsOfAccounts[account] ?? []
            for (place, id) in all.enumerated() where !kept.contains(id) {
                guard let version = versions[id] else { continue }
                let isNewest = !all[(place + 1)...].contains { kept.contains($0) }
                if isNewest || version.segments.count > 1 { dropped.append(version.mention) }
                remove(id)
            }
        }
        return dropped
    }

    /// Which of these segments anything refers to.
    func use(of segments: some Sequence<Int>) -> SegmentUse {
        var liveByteCounts: [Int: Int] = [:]
        for version in versions.values {
            for case .stored(let place, let range) in version.slices {
                liveByteCounts[place.segment, default: 0] += range.count
            }
            if let segment = version.endSegment { liveByteCounts[segment, default: 0] += 0 }
        }
        let dropping = Set(drops.values)
        var use = SegmentUse()
        for segment in segments.sorted() {
            // A drop counts as long as the version may be in an earlier segment.
            if liveByteCounts[segment] != nil || (dropping.contains(segment) && !use.live.isEmpty) {
                use.live.append(segment)
                use.liveByteCount += liveByteCounts[segment] ?? 0
                use.byteCount += byteCounts[segment] ?? 0
            } else {
                use.dead.append(segment)
            }
        }
        return use
    }

    mutating func forget(segment: Int) {
        byteCounts[segment] = nil
        drops = drops.filter { $0.value != segment }
    }

    /// What is written of each version, by account and age.
    var stored: [Version] {
        idsOfAccounts.sorted { $0.key < $1.key }.flatMap(\.value).compactMap { id in
            guard var version = versions[id], !version.isDamaged else { return nil }
            version.slices = version.slices.filter {
                if case .stored = $0 { true } else { false }
            }
            if version.endSegment == nil { version.end = nil }
            return version.slices.isEmpty && version.end == nil ? nil : version
        }
    }

    private mutating func add(_ mention: BlockIndex.Mention) {
        versions[mention.id] = Version(mention: mention)
        idsOfAccounts[mention.account, default: []].append(mention.id)
    }
}

/// Which of a window's segments are needed.
struct SegmentUse {
    var live: [Int] = []
    var dead: [Int] = []
    /// Of slices in the live segments, before compression: those of known versions, and all.
    var liveByteCount = 0
    var byteCount = 0
}
