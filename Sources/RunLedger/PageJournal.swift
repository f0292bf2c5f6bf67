import BoundedDispatch
import Compression
public import ExportModel
public import FileSystem

/// What a window's journal was found to be when it was opened.
public enum JournalOrigin: Hashable, Sendable {
    /// Nothing was there that counts.
    case fresh
    /// `cutByteCount` bytes of an append that did not end are dropped with the next append.
    case resumed(sliceCount: Int, cutByteCount: Int)
    /// A journal of another plan, or a damaged one, now lies at `path`; this one is fresh.
    case setAside(path: String, reason: String)
}

/// The responses of one window that were verified and not yet published, in one append-only file.
///
/// A slice is on disk when ``append(_:)`` returns. The file is made by the first append, so that a
/// window without rows costs no sync; its directory is made with the ledger. Any thread may call;
/// calls wait for each other. One journal of a window may be open at a time.
///
/// A file is trusted only as far as its checksums hold and only for the fingerprint it was begun
/// with. The fingerprint should name all that decides what the provider is asked (endpoint, base
/// URL, parameters, bounds, page size) and the run that published the window last, so that a
/// journal which outlived its publication is never resumed by a refresh.
public final class PageJournal: Sendable {
    private struct State {
        /// nil until the file is there.
        var file: OpenFile<LedgerError>?
        var end: Int
        var sliceCount: Int
        var firstSlice: Int
        /// Whether bytes may lie behind `end`.
        var hasTail: Bool
        /// Whether this process has synced the file's name. An earlier one may have been killed
        /// before it did.
        var isNameDurable = false
        /// Set where it cannot be told any more what is on disk.
        var failure: LedgerError?
    }

    /// Small pages are written together, up to so many bytes.
    private static let writeByteCount = 1 << 17

    public let origin: JournalOrigin
    public let path: String
    private let directory: String
    private let header: JournalHeader
    private let files: Files<LedgerError>
    private let state: Guarded<State>

    /// Opens the journal of a window, to go on where it ended.
    ///
    /// - Parameter fingerprint: of the plan; a journal begun with another one is set aside.
    /// - Throws: `journal_failed` where the file system does. Damage is no error: see ``origin``.
    public static func open(
        in directory: StateDirectory, of identity: WindowIdentity, fingerprint: String,
        disk: any Disk = SystemDisk()
    ) throws(LedgerError) -> PageJournal {
        let files = Files<LedgerError>(disk)
        let path = directory.journalPath + "/" + JournalFileName.make(identity)
        let header = JournalHeader(fingerprint: fingerprint, identity: identity)
        do {
            guard let file = try files.open(path, .update) else {
                return PageJournal(
                    origin: .fresh, header: header, path: path, directory: directory.journalPath,
                    files: files, file: nil, scan: nil)
            }
            return try resume(path, header, directory, files, file)
        } catch {
            throw LedgerError(journal: path, while: "opening", error)
        }
    }

    /// Goes on with a file that is there, or sets it aside.
    private static func resume(
        _ path: String, _ header: JournalHeader, _ directory: StateDirectory,
        _ files: Files<LedgerError>, _ file: OpenFile<LedgerError>
    ) throws(LedgerError) -> PageJournal {
        let scan = try JournalScan(file)
        if let flaw = scan.flaw ?? header.flaw(of: scan.header) {
            let newPath = try setAside(path, files)
            return PageJournal(
                origin: .setAside(path: newPath, reason: flaw.reason), header: header, path: path,
                directory: directory.journalPath, files: files, file: nil, scan: nil)
        }
        let origin: JournalOrigin =
            scan.sliceCount == 0
            ? .fresh
            : .resumed(sliceCount: scan.sliceCount, cutByteCount: scan.cutByteCount)
        return PageJournal(
            origin: origin, header: header, path: path, directory: directory.journalPath,
            files: files, file: file, scan: scan)
    }

    private init(
        origin: JournalOrigin, header: JournalHeader, path: String, directory: String,
        files: Files<LedgerError>, file: OpenFile<LedgerError>?, scan: JournalScan?
    ) {
        self.origin = origin
        self.header = header
        self.path = path
        self.directory = directory
        self.files = files
        state = Guarded(
            State(
                file: file, end: scan?.validEnd ?? 0,
                sliceCount: scan?.sliceCount ?? 0, firstSlice: scan?.firstSlice ?? 0,
                hasTail: scan?.cutByteCount != 0))
    }

    /// Slices in the journal, appended or found.
    public var sliceCount: Int { state.withLock { $0.sliceCount } }

    /// Reads what the journal holds now; nil if that is nothing.
    public func makeReader() throws(LedgerError) -> JournalReader? {
        let (count, range) = state.withLock { ($0.sliceCount, $0.firstSlice..<$0.end) }
        guard count > 0, let file = try files.open(path, .read) else { return nil }
        return JournalReader(
            path: path, file: file, header: header, sliceCount: count, range: range)
    }

    /// Adds a slice; it is on disk when the call returns.
    ///
    /// - Throws: `journal_failed`. The slice then is not in the journal. After a failed sync every
    ///   later call fails too: nobody can tell what the disk holds.
    public func append(_ slice: JournaledSlice) throws(LedgerError) {
        try state.withLock { state throws(LedgerError) in
            if let failure = state.failure { throw failure }
            do {
                try append(slice, to: &state)
            } catch {
                throw LedgerError(journal: path, while: "writing", error)
            }
        }
    }

    /// Removes the file after the window's publication; durable when the call returns. The next
    /// append would begin a new one.
    public func remove() throws(LedgerError) {
        try state.withLock { state throws(LedgerError) in
            guard state.file != nil else { return }
            state = State(file: nil, end: 0, sliceCount: 0, firstSlice: 0, hasTail: true)
            do {
                try files.remove(path)
                try files.syncDirectory(directory)
            } catch {
                throw LedgerError(journal: path, while: "removing", error)
            }
        }
    }

    private func append(_ slice: JournaledSlice, to state: inout State) throws(LedgerError) {
        let file = try openFile(&state)
        if state.hasTail { try file.truncate(to: state.end) }
        // Until all is on disk: what a failure leaves behind is cut off by the next append.
        state.hasTail = true
        var end = state.end
        if end == 0 {
            end = try write([header.bytes], file, at: end)
            state.firstSlice = end
        }
        let index = SliceIndex.bytes(of: slice)
        var count = JournalEncoder()
        count.append(UInt32(index.count))
        end = try write([count.bytes, index] + slice.pages.map(\.body), file, at: end)
        do {
            try file.sync()
            if !state.isNameDurable { try files.syncDirectory(directory) }
        } catch {
            state.failure = LedgerError(journal: path, while: "syncing", error)
            throw error
        }
        state.isNameDurable = true
        state.hasTail = false
        state.end = end
        state.sliceCount += 1
    }

    private func openFile(
        _ state: inout State
    ) throws(LedgerError) -> OpenFile<LedgerError> {
        if let file = state.file { return file }
        let file = try files.require(path, .updateOrCreate(isPrivate: true))
        state.file = file
        return file
    }

    /// Writes one framed record from its parts.
    ///
    /// - Returns: where it ends.
    private func write(
        _ parts: [[UInt8]], _ file: OpenFile<LedgerError>, at offset: Int
    ) throws(LedgerError) -> Int {
        var checksum = CRC32C()
        var byteCount = 0
        for part in parts {
            checksum.update(part)
            byteCount += part.count
        }
        let frame = JournalFrame(recordByteCount: byteCount, recordChecksum: checksum.value)
        var end = offset
        var pending = frame.bytes(at: offset)
        for part in parts {
            if pending.count + part.count > Self.writeByteCount {
                try file.write(pending, at: end)
                end += pending.count
                pending.removeAll(keepingCapacity: true)
            }
            if part.count > Self.writeByteCount {
                try file.write(part, at: end)
                end += part.count
            } else {
                pending += part
            }
        }
        try file.write(pending, at: end)
        return end + pending.count
    }

    /// The files of a state directory's journals, sorted: unpublished windows' and those set aside.
    public static func paths(
        in directory: StateDirectory, disk: any Disk = SystemDisk()
    ) throws(LedgerError) -> [String] {
        let files = Files<LedgerError>(disk)
        guard try files.status(of: directory.journalPath) != nil else { return [] }
        return try files.names(in: directory.journalPath).map {
            directory.journalPath + "/" + $0
        }
    }

    private static func setAside(
        _ path: String, _ files: Files<LedgerError>
    ) throws(LedgerError) -> String {
        var number = 1
        while try files.status(of: path + JournalFileName.setAsideMark + "\(number)") != nil {
            number += 1
        }
        let newPath = path + JournalFileName.setAsideMark + "\(number)"
        try files.rename(path, to: newPath)
        return newPath
    }
}

extension LedgerError {
    /// What a journal's file system says, with the journal's name.
    init(journal path: String, while action: String, _ error: any Error) {
        let said = (error as? LedgerError)?.message ?? "\(error)"
        self.init(
            code: "journal_failed", message: "\(action) the journal \(path): \(said)", cause: error)
    }
}
