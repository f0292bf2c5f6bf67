import BoundedDispatch
import Compression
public import ExportModel

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
        var descriptor: Int32?
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
    private let files: any JournalFileSystem
    private let state: Guarded<State>

    /// Opens the journal of a window, to go on where it ended.
    ///
    /// - Parameter fingerprint: of the plan; a journal begun with another one is set aside.
    /// - Throws: `journal_failed` where the file system does. Damage is no error: see ``origin``.
    public static func open(
        in directory: StateDirectory, of identity: WindowIdentity, fingerprint: String,
        files: any JournalFileSystem = LocalFileSystem()
    ) throws(LedgerError) -> PageJournal {
        let path = directory.journalPath + "/" + JournalFileName.make(identity)
        let header = JournalHeader(fingerprint: fingerprint, identity: identity)
        do {
            guard let descriptor = try files.open(path, creating: false) else {
                return PageJournal(
                    origin: .fresh, header: header, path: path, directory: directory.journalPath,
                    files: files, descriptor: nil, scan: nil)
            }
            do {
                return try resume(path, header, directory, files, descriptor)
            } catch {
                files.close(descriptor)
                throw error
            }
        } catch {
            throw LedgerError(journal: path, while: "opening", error)
        }
    }

    /// Goes on with a file that is there, or sets it aside.
    private static func resume(
        _ path: String, _ header: JournalHeader, _ directory: StateDirectory,
        _ files: any JournalFileSystem, _ descriptor: Int32
    ) throws(LedgerError) -> PageJournal {
        let scan = try JournalScan(descriptor, files)
        if let flaw = scan.flaw ?? header.flaw(of: scan.header) {
            let newPath = try setAside(path, files)
            files.close(descriptor)
            return PageJournal(
                origin: .setAside(path: newPath, reason: flaw.reason), header: header, path: path,
                directory: directory.journalPath, files: files, descriptor: nil, scan: nil)
        }
        let origin: JournalOrigin =
            scan.sliceCount == 0
            ? .fresh
            : .resumed(sliceCount: scan.sliceCount, cutByteCount: scan.cutByteCount)
        return PageJournal(
            origin: origin, header: header, path: path, directory: directory.journalPath,
            files: files, descriptor: descriptor, scan: scan)
    }

    private init(
        origin: JournalOrigin, header: JournalHeader, path: String, directory: String,
        files: any JournalFileSystem, descriptor: Int32?, scan: JournalScan?
    ) {
        self.origin = origin
        self.header = header
        self.path = path
        self.directory = directory
        self.files = files
        state = Guarded(
            State(
                descriptor: descriptor, end: scan?.validEnd ?? 0,
                sliceCount: scan?.sliceCount ?? 0, firstSlice: scan?.firstSlice ?? 0,
                hasTail: scan?.cutByteCount != 0))
    }

    deinit {
        state.withLock { state in
            if let descriptor = state.descriptor { files.close(descriptor) }
        }
    }

    /// Slices in the journal, appended or found.
    public var sliceCount: Int { state.withLock { $0.sliceCount } }

    /// Reads what the journal holds now; nil if that is nothing.
    public func makeReader() throws(LedgerError) -> JournalReader? {
        let (count, range) = state.withLock { ($0.sliceCount, $0.firstSlice..<$0.end) }
        guard count > 0, let descriptor = try files.open(path, creating: false) else { return nil }
        return JournalReader(
            path: path, files: files, descriptor: descriptor, header: header, sliceCount: count,
            range: range)
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
            guard let descriptor = state.descriptor else { return }
            files.close(descriptor)
            state = State(descriptor: nil, end: 0, sliceCount: 0, firstSlice: 0, hasTail: true)
            do {
                try files.remove(path)
                try files.synchronizeDirectory(directory)
            } catch {
                throw LedgerError(journal: path, while: "removing", error)
            }
        }
    }

    private func append(_ slice: JournaledSlice, to state: inout State) throws(LedgerError) {
        let descriptor = try openFile(&state)
        if state.hasTail { try files.truncate(descriptor, to: state.end) }
        // Until all is on disk: what a failure leaves behind is cut off by the next append.
        state.hasTail = true
        var end = state.end
        if end == 0 {
            end = try write([header.bytes], descriptor, at: end)
            state.firstSlice = end
        }
        let index = SliceIndex.bytes(of: slice)
        var count = JournalEncoder()
        count.append(UInt32(index.count))
        end = try write([count.bytes, index] + slice.pages.map(\.body), descriptor, at: end)
        do {
            try files.synchronize(descriptor)
            if !state.isNameDurable { try files.synchronizeDirectory(directory) }
        } catch {
            state.failure = LedgerError(journal: path, while: "syncing", error)
            throw error
        }
        state.isNameDurable = true
        state.hasTail = false
        state.end = end
        state.sliceCount += 1
    }

    private func openFile(_ state: inout State) throws(LedgerError) -> Int32 {
        if let descriptor = state.descriptor { return descriptor }
        guard let descriptor = try files.open(path, creating: true) else {
            throw LedgerError(code: "journal_failed", message: "\(path) cannot be made")
        }
        state.descriptor = descriptor
        return descriptor
    }

    /// Writes one framed record from its parts.
    ///
    /// - Returns: where it ends.
    private func write(
        _ parts: [[UInt8]], _ descriptor: Int32, at offset: Int
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
                try files.write(descriptor, at: end, pending)
                end += pending.count
                pending.removeAll(keepingCapacity: true)
            }
            if part.count > Self.writeByteCount {
                try files.write(descriptor, at: end, part)
                end += part.count
            } else {
                pending += part
            }
        }
        try files.write(descriptor, at: end, pending)
        return end + pending.count
    }

    /// The files of a state directory's journals, sorted: unpublished windows' and those set aside.
    public static func paths(
        in directory: StateDirectory, files: any JournalFileSystem = LocalFileSystem()
    ) throws(LedgerError) -> [String] {
        try files.names(in: directory.journalPath).sorted().map { directory.journalPath + "/" + $0 }
    }

    private static func setAside(
        _ path: String, _ files: any JournalFileSystem
    ) throws(LedgerError) -> String {
        var number = 1
        while files.exists(path + JournalFileName.setAsideMark + "\(number)") { number += 1 }
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
