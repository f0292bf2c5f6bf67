import BoundedDispatch
import FileSystem

extension WindowArchive {
    /// More segments than these are joined, however full they are.
    private static let maximumSegmentCount = 8

    /// Drops the superseded versions, and the room they take: segments without a live version are
    /// deleted, and where less than half of the bytes are live, or segments are many, the rest is
    /// rewritten into one.
    ///
    /// Commits first. Damaged segments are kept under another name. A process that is killed
    /// meanwhile leaves the old segments, or both, of which the new one counts.
    ///
    /// - Parameters:
    ///   - ids: the complete versions to keep. Of those that are newer than an account's newest
    ///     good version, the open one and the newest refused one are kept too.
    ///   - accounts: whose versions `ids` are; others keep theirs. nil: all.
    public func compact(
        keeping ids: Set<String>, of accounts: Set<String>? = nil
    ) throws(ArchiveError) {
        try writer.withLock { writer throws(ArchiveError) in
            if let failure = writer.failure { throw failure }
            state.withLock { state in
                for mention in state.table.keep(ids, of: accounts) {
                    state.content.append(.drop, of: mention)
                    state.sequence += 1
                }
            }
            try commit(&writer)
            let (use, isDamaged) = state.withLock { state in
                let use = state.table.use(of: state.segments.keys)
                return (use, !state.damaged.isDisjoint(with: use.live))
            }
            try delete(use.dead, isReplaced: false, &writer)
            if isDamaged || use.live.count > Self.maximumSegmentCount
                || use.liveByteCount * 2 < use.byteCount
            {
                try rewrite(use.live, &writer)
            }
        }
    }

    /// Removes all that the archive has of the window, damaged segments too; durable when the call
    /// returns. What is appended to a version that was open before is refused.
    public func remove() throws(ArchiveError) {
        try writer.withLock { writer throws(ArchiveError) in
            state.withLock { state in
                let number = state.sequence
                state = State()
                state.sequence = number
            }
            let nextNumber = writer.nextNumber
            writer = Writer(isPastDurable: true, nextNumber: nextNumber)
            // The oldest first and each for good: what is left of it is never older than what went.
            let names = try directory.names(of: name).filter(name.owns)
            for fileName in names.sorted(by: { order($0) < order($1) }) {
                try directory.remove(fileName)
                try directory.sync()
            }
        }
    }

    /// Bytes of all its files.
    public var byteCount: Int {
        get throws(ArchiveError) {
            var sum = 0
            for fileName in try directory.names(of: name).filter(name.owns) {
                sum +=
                    try directory.files.status(of: directory.path + "/" + fileName)?.byteCount ?? 0
            }
            return sum
        }
    }

    private func order(_ fileName: String) -> Int {
        name.number(ofFile: fileName) ?? 0
    }

    /// Deletes segments that nothing refers to; damaged ones are put out of the way.
    ///
    /// - Parameter isReplaced: a segment that says so replaces them. Otherwise one may hold drops of
    ///   what an earlier one has, so that the earlier ones must be gone for good before it goes.
    private func delete(
        _ numbers: [Int], isReplaced: Bool, _ writer: inout Writer
    ) throws(ArchiveError) {
        var isPending = try deleteLeftovers()
        for number in numbers.sorted() {
            if isPending, !isReplaced { try directory.sync() }
            isPending = true
            let isDamaged = state.withLock { state in
                state.segments[number] = nil
                state.table.forget(segment: number)
                return state.damaged.remove(number) != nil
            }
            if writer.segment?.number == number { writer.segment = nil }
            let fileName = name.fileName(number: number)
            if isDamaged {
                try directory.rename(
                    fileName, to: name.fileName(number: number, suffix: WindowName.damagedSuffix))
            } else {
                try directory.remove(fileName)
            }
        }
    }

    /// Deletes what a killed compaction left: an unfinished segment, or replaced ones.
    ///
    /// - Returns: whether there was anything.
    private func deleteLeftovers() throws(ArchiveError) -> Bool {
        let known = state.withLock { Set($0.segments.keys) }
        let leftovers = try directory.names(of: name).filter { fileName in
            if let number = name.number(ofFile: fileName) { return !known.contains(number) }
            return fileName.hasSuffix(WindowName.unfinishedSuffix)
        }
        for fileName in leftovers { try directory.remove(fileName) }
        return !leftovers.isEmpty
    }

    /// Writes what is live into one new segment, which then replaces the others.
    private func rewrite(_ numbers: [Int], _ writer: inout Writer) throws(ArchiveError) {
        let number = writer.nextNumber
        let header = SegmentHeader(window: name, number: number, replacesEarlier: true)
        let unfinishedName = name.fileName(number: number, suffix: WindowName.unfinishedSuffix)
        let fileName = name.fileName(number: number)
        let (unfinished, start) = try makeSegment(header, suffix: WindowName.unfinishedSuffix)
        let (blocks, end) = try copyStored(to: unfinished, at: start)
        try unfinished.file.sync()
        close(unfinished, at: end)
        try directory.rename(unfinishedName, to: fileName)
        try directory.sync()
        writer.nextNumber += 1
        let segment = Segment(
            path: directory.path + "/" + fileName, header: header, file: unfinished.file)
        state.withLock { state in
            state.segments[number] = segment
            for (block, place) in blocks { state.table.settle(block, at: place) }
            state.cache = BlockCache()
        }
        try delete(numbers, isReplaced: true, &writer)
    }

    /// - Returns: the blocks, without their bytes, and where they end.
    private func copyStored(
        to segment: Segment, at start: Int
    ) throws(ArchiveError) -> (blocks: [(EncodedBlock, BlockPlace)], end: Int) {
        var blocks: [(EncodedBlock, BlockPlace)] = []
        var end = start
        var content = BlockContent()
        func write() throws(ArchiveError) {
            var block = try EncodedBlock(content, coder)
            let place = try segment.write(block, at: end, durableEnd: 0)
            block.payloadBytes = []
            blocks.append((block, place))
            end = place.end
            content = BlockContent()
        }
        for version in state.withLock({ $0.table.stored }) {
            var isLost = false
            for ordinal in version.slices.indices {
                guard let slice = try intactSlice(ordinal, of: version.mention.id) else {
                    isLost = true
                    break
                }
                content.append(.slice(slice, ordinal: ordinal), of: version.mention)
                if content.byteCount >= Self.blockByteCount { try write() }
            }
            if isLost {
                content.append(.drop, of: version.mention)
            } else if let end = version.end {
                content.append(.end(end, sliceCount: version.slices.count), of: version.mention)
            }
        }
        try write()
        return (blocks, end)
    }

    /// nil where it cannot be read back; the version is lost then.
    private func intactSlice(
        _ ordinal: Int, of version: String
    ) throws(ArchiveError) -> ArchivedSlice? {
        do {
            return try slice(ordinal, of: version)
        } catch {
            if error.code == ArchiveError.damagedCode { return nil }
            throw error
        }
    }
}
