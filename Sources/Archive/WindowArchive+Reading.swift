import BoundedDispatch

extension WindowArchive {
    /// Reads a version's slices, committed or not.
    ///
    /// - Throws: `archive_missing` where there is no such version, or it is damaged.
    public func makeReader(of version: ArchivedVersion) throws(ArchiveError) -> ArchiveReader {
        let isThere = state.withLock { $0.table.versions[version.id]?.isDamaged == false }
        guard isThere else { throw .missing(version.id) }
        return ArchiveReader(self, version)
    }

    func slice(_ ordinal: Int, of version: String) throws(ArchiveError) -> ArchivedSlice {
        let (place, segment) = try place(of: ordinal, version)
        switch place {
        case .memory(let slice): return slice
        case .stored(let block, let range):
            guard let segment else { throw .missing(version) }
            guard
                let payload = try payload(
                    at: block, in: segment,
                    isShared: range.count * 2 < block.frame.payload.byteCount),
                range.upperBound <= payload.count, let slice = SliceRecord.slice(payload[range])
            else {
                markDamaged(block, in: segment)
                throw .damaged(version, segment.path, at: block.offset)
            }
            return slice
        }
    }

    private func place(
        of ordinal: Int, _ version: String
    ) throws(ArchiveError) -> (SlicePlace, Segment?) {
        try state.withLock { state throws(ArchiveError) in
            guard let slices = state.table.versions[version]?.slices, ordinal < slices.count else {
                throw .missing(version)
            }
            let place = slices[ordinal]
            guard case .stored(let block, _) = place else { return (place, nil) }
            return (place, state.segments[block.segment])
        }
    }

    /// - Parameter isShared: others will ask for slices of the same block.
    private func payload(
        at place: BlockPlace, in segment: Segment, isShared: Bool
    ) throws(ArchiveError) -> [UInt8]? {
        if let known = state.withLock({ $0.cache.payload(at: place) }) { return known }
        guard let payload = try segment.payload(at: place, coder) else { return nil }
        if isShared { state.withLock { $0.cache.insert(payload, at: place) } }
        return payload
    }

    /// Reads every slice of every version.
    ///
    /// - Returns: what is damaged, found now or before. A write that was interrupted is no damage.
    public func verify() throws(ArchiveError) -> [ArchiveFinding] {
        let places = state.withLock { $0.table.places }
        for place in places {
            guard let segment = state.withLock({ $0.segments[place.segment] }) else { continue }
            let payload = try segment.payload(at: place, coder)
            let ranges = state.withLock { $0.table.ranges(in: place) }
            let isIntact = ranges.allSatisfy { range in
                payload.map { range.upperBound <= $0.count && SliceRecord.slice($0[range]) != nil }
                    ?? false
            }
            if !isIntact { markDamaged(place, in: segment) }
        }
        return state.withLock { $0.findings }
    }

    /// The versions that have a slice in a block are lost.
    private func markDamaged(_ block: BlockPlace, in segment: Segment) {
        state.withLock { state in
            let lost = state.table.markDamaged(block)
            if lost.isEmpty { return }
            state.damaged.insert(block.segment)
            let finding = ArchiveFinding(lost: lost, block, in: segment.path)
            state.findings.append(finding)
            state.notices.append(finding.description)
        }
    }
}
