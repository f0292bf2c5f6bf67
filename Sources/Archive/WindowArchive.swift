import BoundedDispatch
import Compression
import FileSystem

/// The archived slices of one window, shared by its accounts. Any thread may call.
///
/// Appends gather in memory until they fill a block, which whoever filled it compresses and writes;
/// ``commit()`` makes all of them durable. A process that is killed loses at most what was not
/// committed: of each version a first part of its slices stays.
public final class WindowArchive: Sendable {
    /// What readers and appenders share; locked for moments.
    struct State {
        var table = VersionTable()
        /// By number. The last one may be written to.
        var segments: [Int: Segment] = [:]
        /// Segments with damage: never deleted because of what they lack.
        var damaged: Set<Int> = []
        var content = BlockContent()
        /// Full blocks that are not written yet, in order.
        var sealed: [SealedBlock] = []
        /// Appends so far.
        var sequence = 0
        /// Of the appends so far, and of those that are durable; before compression, about.
        var appendedByteCount = 0
        var committedByteCount = 0
        var findings: [ArchiveFinding] = []
        var notices: [String] = []
        var cache = BlockCache()
    }

    /// What is on disk; locked while it is written. Taken before ``State``, never after it.
    struct Writer {
        /// The segment of this process; nil before its first block.
        var segment: Segment?
        /// Where its next block begins.
        var end = 0
        /// How far it is durable.
        var durableEnd = 0
        /// ``State/sequence`` of what is durable.
        var committed = 0
        /// Whether what earlier processes wrote is durable.
        var isPastDurable: Bool
        /// Whether names in the directory are.
        var isNameDurable = true
        /// Of the next segment.
        var nextNumber: Int
        /// Set where it cannot be said any more what is on disk.
        var failure: ArchiveError?
    }

    /// Bytes that a block gathers, before compression: the window of zstd's level 1. Twice as many
    /// save 0.3 % of the file, and cost twice the time where accounts are read in another order.
    static let blockByteCount = 1 << 19
    /// Unwritten blocks hold at most so much while the disk fails.
    private static let maximumUnwrittenByteCount = 1 << 26

    let name: WindowName
    let directory: SegmentDirectory
    let coder: BlockCoder
    let state: Guarded<State>
    let writer: Guarded<Writer>

    init(
        _ name: WindowName, _ directory: SegmentDirectory, _ coder: BlockCoder
    ) throws(ArchiveError) {
        self.name = name
        self.directory = directory
        self.coder = coder
        let opened = try OpenedWindow(name, directory, coder)
        writer = Guarded(
            Writer(isPastDurable: opened.segments.isEmpty, nextNumber: opened.nextNumber))
        state = Guarded(
            State(
                table: opened.table, segments: opened.segments, damaged: opened.damaged,
                findings: opened.findings, notices: opened.notices))
    }

    // MARK: - Versions

    /// Damage that was found when the window was opened, or since: what is lost, and where.
    ///
    /// A write that was interrupted is among it, though no version is lost with that.
    public var notices: [String] { state.withLock { $0.notices } }

    /// Sorted by their bytes; those with any version.
    public var accounts: [String] { state.withLock { $0.table.accounts } }

    /// The complete versions of an account that can be read, oldest first, and last the open one.
    ///
    /// Superseded ones are listed until ``compact(keeping:)`` drops them, so a version is newer
    /// than the published one only if it comes after it.
    public func versions(of account: String) -> [ArchivedVersion] {
        state.withLock { $0.table.listed(account).map(\.archived) }
    }

    /// The newest complete version; nil where a newer one was lost to damage.
    ///
    /// - Parameter refused: whether one with too many rejects counts.
    public func latest(
        of account: String, including refused: Bool = false
    ) -> ArchivedVersion? {
        state.withLock { $0.table.latest(account, includingRefused: refused)?.archived }
    }

    /// The newest version of all, if it is open.
    public func open(of account: String) -> ArchivedVersion? {
        state.withLock { state in
            guard let last = state.table.listed(account).last, last.end == nil else { return nil }
            return last.archived
        }
    }

    /// A complete version by its id; nil where it is not in the archive, or damaged.
    public func version(_ id: String) -> ArchivedVersion? {
        state.withLock { state in
            guard let version = state.table.versions[id], version.isComplete else { return nil }
            return version.archived
        }
    }

    // MARK: - Appending

    /// Begins a version of an account; one that is open is given up. Nothing is written before its
    /// first slice or its end.
    ///
    /// - Parameter fingerprint: of all that decides what the provider is asked.
    public func begin(_ account: String, id: String, fingerprint: String) {
        state.withLock {
            $0.table.begin(
                BlockIndex.Mention(id: id, account: account, fingerprint: fingerprint))
        }
    }

    /// Appends a slice to an open version: readers of this process see it; it is durable with the
    /// next ``commit()``.
    ///
    /// - Throws: `archive_missing` where no such version is open; `archive_failed` where a full
    ///   block could not be written. The slice stays appended then, and the block is written by
    ///   the next call that can, as long as not too much gathers.
    public func append(_ slice: ArchivedSlice, to version: String) throws(ArchiveError) {
        try add(isLarge: slice.byteCount >= Self.blockByteCount) { (state) throws(ArchiveError) in
            guard let (mention, ordinal) = state.table.append(slice, to: version) else {
                throw .missing(version)
            }
            state.content.append(.slice(slice, ordinal: ordinal), of: mention)
        }
    }

    /// Ends an open version: it is complete. Durable with the next ``commit()``.
    public func end(_ version: String, _ end: ArchivedEnd) throws(ArchiveError) {
        try add { (state) throws(ArchiveError) in
            guard let (mention, sliceCount) = state.table.end(version, end) else {
                throw .missing(version)
            }
            state.content.append(.end(end, sliceCount: sliceCount), of: mention)
        }
    }

    /// Takes versions out of the archive, for good with the next ``commit()``. Their bytes go with
    /// a compaction.
    public func drop(_ versions: some Sequence<String>) throws(ArchiveError) {
        for id in versions {
            try add { (state) throws(ArchiveError) in
                guard let version = state.table.versions[id] else { return }
                state.table.remove(id)
                state.content.append(.drop, of: version.mention)
            }
        }
    }

    /// - Parameter isLarge: the item gets a block of its own, so that who reads its neighbors need
    ///   not unpack it.
    private func add(
        isLarge: Bool = false, _ change: (inout State) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        let unwritten = state.withLock { $0.sealed.reduce(0) { $0 + $1.byteCount } }
        if unwritten > Self.maximumUnwrittenByteCount { try writeSealed() }
        let full: SealedBlock? = try state.withLock { state throws(ArchiveError) in
            if isLarge { state.seal() }
            let byteCount = state.content.byteCount
            try change(&state)
            state.sequence += 1
            state.appendedByteCount += state.content.byteCount - byteCount
            guard state.content.byteCount >= Self.blockByteCount else { return nil }
            return state.seal()
        }
        guard let full else { return }
        _ = try full.encoded(coder)
        try writeSealed()
    }

    private func writeSealed() throws(ArchiveError) {
        try writer.withLock { writer throws(ArchiveError) in try write(&writer) }
    }

    /// Makes durable what was appended before the call, and what the window held when it was
    /// opened. Callers that wait share one sync.
    ///
    /// - Throws: `archive_failed`. After a failed sync every later call fails too: nobody can say
    ///   what the disk holds.
    public func commit() throws(ArchiveError) {
        let sequence = state.withLock { $0.sequence }
        try writer.withLock { writer throws(ArchiveError) in
            if let failure = writer.failure { throw failure }
            if writer.committed >= sequence, writer.isPastDurable { return }
            try commit(&writer)
        }
    }

    /// Bytes that were appended and not committed, before compression, about.
    public var uncommittedByteCount: Int {
        state.withLock { $0.appendedByteCount - $0.committedByteCount }
    }
}

extension WindowArchive.State {
    /// Closes the block that gathers.
    @discardableResult
    mutating func seal() -> SealedBlock? {
        guard !content.items.isEmpty else { return nil }
        let block = SealedBlock(content)
        sealed.append(block)
        content = BlockContent()
        return block
    }
}
