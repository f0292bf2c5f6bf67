import Compression
public import ExportModel
public import FileSystem

/// Reads a journal's slices in the order of their appends, one in memory at a time.
///
/// For one thread. Reads the slices that were there when it was made.
public final class JournalReader {
    /// What the file is a journal of.
    public let identity: WindowIdentity
    /// The plan's text that its writer gave.
    public let fingerprint: String
    public let sliceCount: Int

    private let path: String
    private let file: OpenFile<LedgerError>
    private var offset: Int
    private let end: Int

    /// Opens any journal, also one that was set aside: the slices before the damage are whole.
    ///
    /// - Returns: nil where there is no file, or nothing that can be trusted in it.
    public convenience init?(
        path: String, disk: any Disk = SystemDisk()
    ) throws(LedgerError) {
        guard let file = try Files<LedgerError>(disk).open(path, .read) else { return nil }
        let scan = try JournalScan(file)
        guard let header = scan.header else { return nil }
        self.init(
            path: path, file: file, header: header, sliceCount: scan.sliceCount,
            range: scan.firstSlice..<scan.validEnd)
    }

    init(
        path: String, file: OpenFile<LedgerError>, header: JournalHeader, sliceCount: Int,
        range: Range<Int>
    ) {
        self.path = path
        self.file = file
        identity = header.identity
        fingerprint = header.fingerprint
        self.sliceCount = sliceCount
        offset = range.lowerBound
        end = range.upperBound
    }

    /// The next slice; nil after the last.
    ///
    /// - Throws: `journal_failed` if the file changed since it was checked.
    public func next() throws(LedgerError) -> JournaledSlice? {
        guard offset < end else { return nil }
        guard let frame = JournalFrame(try bytes(JournalFrame.byteCount), at: offset),
            offset + JournalFrame.byteCount + frame.recordByteCount <= end
        else { throw changed() }
        offset += JournalFrame.byteCount
        let recordEnd = offset + frame.recordByteCount
        var checksum = CRC32C()

        let countBytes = try bytes(min(4, recordEnd - offset))
        checksum.update(countBytes)
        offset += countBytes.count
        var decoder = JournalDecoder(countBytes)
        guard let indexByteCount = decoder.integer(UInt32.self),
            Int(indexByteCount) <= recordEnd - offset
        else { throw changed() }
        let indexBytes = try bytes(Int(indexByteCount))
        checksum.update(indexBytes)
        offset += indexBytes.count
        guard let index = SliceIndex(indexBytes) else { throw changed() }

        var slice = index.slice
        for (page, byteCount) in index.bodyByteCounts.enumerated() {
            guard byteCount <= recordEnd - offset else { throw changed() }
            let body = try bytes(byteCount)
            checksum.update(body)
            offset += byteCount
            slice.pages[page].body = body
        }
        guard offset == recordEnd, checksum.value == frame.recordChecksum else { throw changed() }
        return slice
    }

    private func bytes(_ count: Int) throws(LedgerError) -> [UInt8] {
        do {
            let bytes = try file.read(at: offset, byteCount: count)
            guard bytes.count == count else { throw changed() }
            return bytes
        } catch {
            throw LedgerError(journal: path, while: "reading", error)
        }
    }

    private func changed() -> LedgerError {
        LedgerError(
            code: "journal_failed",
            message: "the journal \(path) changed after it was checked; move it away and run again")
    }
}
