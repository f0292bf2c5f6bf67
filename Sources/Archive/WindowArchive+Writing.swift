import BoundedDispatch
import FileSystem

extension WindowArchive {
    /// Writes and syncs all that was appended so far.
    func commit(_ writer: inout Writer) throws(ArchiveError) {
        let (sequence, byteCount) = state.withLock { state in
            state.seal()
            return (state.sequence, state.appendedByteCount)
        }
        try syncPast(&writer)
        try write(&writer)
        if let segment = writer.segment, writer.durableEnd < writer.end {
            try syncing(&writer) { () throws(ArchiveError) in try segment.file.sync() }
            writer.durableEnd = writer.end
            close(segment, at: writer.end)
        }
        if !writer.isNameDurable {
            try syncing(&writer) { () throws(ArchiveError) in try directory.sync() }
            writer.isNameDurable = true
        }
        writer.committed = sequence
        state.withLock { $0.committedByteCount = byteCount }
    }

    /// Says in the segment itself that all of it is durable, so that a later flaw in its last
    /// blocks is known for damage. The next block takes the place of that.
    func close(_ segment: Segment, at end: Int) {
        do {
            let nothing = try EncodedBlock(BlockContent(), coder)
            _ = try segment.write(nothing, at: end, durableEnd: end)
        } catch {
            // It need not be there: without it a flaw there passes for an interrupted write.
        }
    }

    /// Writes the sealed blocks in order.
    ///
    /// A block that could not be written stays sealed; what a failed write left is overwritten.
    func write(_ writer: inout Writer) throws(ArchiveError) {
        if let failure = writer.failure { throw failure }
        while let block = state.withLock({ $0.sealed.first }) {
            let encoded = try block.encoded(coder)
            let segment = try openSegment(&writer)
            let place = try segment.write(encoded, at: writer.end, durableEnd: writer.durableEnd)
            writer.end = place.end
            state.withLock { state in
                state.sealed.removeFirst()
                state.table.settle(encoded, at: place)
            }
        }
    }

    private func openSegment(_ writer: inout Writer) throws(ArchiveError) -> Segment {
        if let segment = writer.segment { return segment }
        // Slices that follow those of an earlier process must not outlive them.
        try syncPast(&writer)
        let (segment, end) = try makeSegment(
            SegmentHeader(window: name, number: writer.nextNumber), suffix: WindowName.suffix)
        writer.nextNumber += 1
        writer.segment = segment
        writer.end = end
        writer.durableEnd = 0
        writer.isNameDurable = false
        state.withLock { $0.segments[segment.number] = segment }
        return segment
    }

    /// A new file with its header.
    ///
    /// - Returns: also where its first block begins.
    func makeSegment(
        _ header: SegmentHeader, suffix: String
    ) throws(ArchiveError) -> (Segment, end: Int) {
        let fileName = name.fileName(number: header.number, suffix: suffix)
        let file = try directory.make(fileName)
        try file.write(header.bytes, at: 0)
        return (
            Segment(path: directory.path + "/" + fileName, header: header, file: file),
            header.bytes.count
        )
    }

    /// Makes durable what was found when the window was opened: whoever wrote it may have been
    /// killed before the sync.
    func syncPast(_ writer: inout Writer) throws(ArchiveError) {
        if writer.isPastDurable { return }
        let segments = state.withLock { $0.segments.values.sorted { $0.number < $1.number } }
        try syncing(&writer) { () throws(ArchiveError) in
            for segment in segments { try segment.file.sync() }
            try directory.sync()
        }
        writer.isPastDurable = true
    }

    private func syncing(
        _ writer: inout Writer, _ body: () throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        do {
            try body()
        } catch {
            writer.failure = error
            throw error
        }
    }
}
