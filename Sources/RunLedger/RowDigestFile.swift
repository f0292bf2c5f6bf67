import Compression
public import ExportModel
public import FileSystem

/// What each row of a version of a partition was, so that the next version can be compared with it
/// record by record: a file of the state directory for each partition.
///
/// A row takes 16 bytes: a hash of its account and key and one of its values, in the order of the
/// rows. After them stand the digest of the version they belong to, their number and a checksum. A
/// file of another version, or one that a kill or a power loss cut, is never believed. Files may be
/// deleted at any time: the next refresh then cannot say what changed.
///
/// Written beside its place as rows come, durable with ``finish(version:)``, in its place with
/// ``commit()``. A version without rows has no file: its number of rows says it all. For one thread.
public final class RowDigestFile {
    static let rowByteCount = 16
    private static let writeByteCount = 1 << 18
    /// "cdrxrow3"
    static let magic: UInt64 = 0x3377_6f72_7872_6463

    private let files: Files<LedgerError>
    private let path: String
    private let temporaryPath: String
    private var file: OpenFile<LedgerError>?
    private var offset = 0
    private var pending: [UInt8] = []
    private var checksum = CRC32C()

    /// - Parameters:
    ///   - directory: of the run's ledger, whose lock is held and which made the directory.
    ///   - partition: whose rows they are.
    public init(
        in directory: StateDirectory, of partition: PartitionIdentity,
        disk: any Disk = SystemDisk()
    ) {
        files = Files(disk)
        path = Self.path(in: directory, of: partition)
        temporaryPath =
            directory.unfinishedRowsPath + "/" + StateFileName.make(partition, suffix: ".rows")
    }

    /// Forgets all rows so far.
    public func restart() throws(LedgerError) {
        if let file { try file.truncate(to: 0) }
        offset = 0
        pending.removeAll(keepingCapacity: true)
        checksum = CRC32C()
    }

    private static func path(
        in directory: StateDirectory, of partition: PartitionIdentity
    ) -> String {
        directory.rowsPath + "/" + StateFileName.make(partition, suffix: ".rows")
    }

    /// Removes what is known of a partition that is no longer published.
    public static func remove(
        in directory: StateDirectory, of partition: PartitionIdentity, disk: any Disk = SystemDisk()
    ) throws(LedgerError) {
        let path = path(in: directory, of: partition)
        let files = Files<LedgerError>(disk)
        if try files.status(of: path) != nil { try files.remove(path) }
    }

    /// Removes what runs that were killed left unfinished. No other run may be writing.
    public static func removeUnfinished(
        in directory: StateDirectory, disk: any Disk = SystemDisk()
    ) throws(LedgerError) {
        let files = Files<LedgerError>(disk)
        let path = directory.unfinishedRowsPath
        guard try files.status(of: path) != nil else { return }
        for name in try files.names(in: path) { try files.remove(path + "/" + name) }
    }

    /// Takes the next rows of an account; both lists have one entry a row. An account's rows come
    /// one after the other, and those of different accounts in the order of the partition.
    public func append(
        account: String, keyHashes: [UInt64], valueHashes: [UInt64]
    ) throws(LedgerError) {
        precondition(keyHashes.count == valueHashes.count, "a row has a key and values")
        let accountHash = Array(account.utf8).withUnsafeBytes(ByteHash.hash)
        let start = pending.count
        pending.append(contentsOf: repeatElement(0, count: keyHashes.count * Self.rowByteCount))
        pending.withUnsafeMutableBytes { room in
            for index in keyHashes.indices {
                let place = start + index * Self.rowByteCount
                // Accounts may have rows of the same key.
                let key = keyHashes[index] ^ accountHash
                room.storeBytes(of: key.littleEndian, toByteOffset: place, as: UInt64.self)
                room.storeBytes(
                    of: valueHashes[index].littleEndian, toByteOffset: place + 8, as: UInt64.self)
            }
        }
        if pending.count >= Self.writeByteCount { try flush() }
    }

    /// Ends the rows and makes them durable.
    public func finish(version: RowVersion) throws(LedgerError) {
        if hasNoFile, pending.isEmpty { return }
        let count = (offset + pending.count) / Self.rowByteCount
        append(Self.magic)
        append(UInt64(count))
        pending += version.bytes
        try flush()
        append(UInt64(checksum.value))
        try flush()
        if let file { try file.sync() }
    }

    /// Compares the standing version with the finished rows.
    ///
    /// - Returns: nil where nothing is known of the rows of `standing`.
    public func changes(since standing: RowVersion) throws(LedgerError) -> RowChanges? {
        var (old, new): (RowDigestReader?, RowDigestReader?)
        if standing.rowCount > 0 {
            old = try RowDigestReader(path, of: standing, files: files)
            if old == nil { return nil }
        }
        if !hasNoFile {
            new = try RowDigestReader(temporaryPath, of: nil, files: files)
            if new == nil { return nil }
        }
        return try RowComparison.changes(from: old, to: new)
    }

    /// Puts the finished rows in their place. To be called once readers see the version.
    public func commit() throws(LedgerError) {
        if hasNoFile {
            for path in [path, temporaryPath] { try removeIfThere(path) }
        } else {
            file = nil
            try files.rename(temporaryPath, to: path)
        }
    }

    /// Removes what was written.
    public func discard() throws(LedgerError) {
        file = nil
        try removeIfThere(temporaryPath)
    }

    /// A killed run may have left one all the same.
    private var hasNoFile: Bool { file == nil && offset == 0 }

    private func removeIfThere(_ path: String) throws(LedgerError) {
        if try files.status(of: path) != nil { try files.remove(path) }
    }

    private func openFile() throws(LedgerError) -> OpenFile<LedgerError> {
        if let file { return file }
        precondition(offset == 0, "a file that was ended takes no rows")
        for directory in [temporaryPath, path].map(Files<LedgerError>.parent(of:))
        where try files.status(of: directory) == nil {
            try files.makeDurableDirectory(directory, isPrivate: true)
        }
        let opened = try files.require(temporaryPath, .updateOrCreate(isPrivate: true))
        file = opened
        try opened.truncate(to: 0)
        return opened
    }

    private func append(_ word: UInt64) {
        withUnsafeBytes(of: word.littleEndian) { pending.append(contentsOf: $0) }
    }

    private func flush() throws(LedgerError) {
        checksum.update(pending)
        try openFile().write(pending, at: offset)
        offset += pending.count
        pending.removeAll(keepingCapacity: true)
    }
}

/// Names a version of a partition by what is in it.
public struct RowVersion: Hashable, Sendable {
    static let byteCount = 128

    /// 64 hexadecimal digits each.
    let contentSHA256: String
    let schemaSHA256: String
    let rowCount: Int

    public init(contentSHA256: String, schemaSHA256: String, rowCount: Int) {
        self.contentSHA256 = contentSHA256
        self.schemaSHA256 = schemaSHA256
        self.rowCount = rowCount
    }

    /// As a file has it.
    var bytes: [UInt8] {
        let text = Array((contentSHA256 + schemaSHA256).utf8)
        precondition(text.count == Self.byteCount, "two digests of 64 digits")
        return text
    }
}
