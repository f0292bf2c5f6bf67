import Compression
import ExportModel
import PartitionFormats
import Publication

/// Rows of one partition as staged files: joins the formats with publication. For one thread.
///
/// Accounts come sorted by the bytes of their names, each with its rows in the order they are to
/// stand and its rejects, and ends with ``endAccount(_:)``. Memory is flat. Ends with
/// ``prepare(publishedAt:)`` or ``abandon()``; after an error only `abandon` may be called.
final class PartitionWriter {
    /// Room that an empty buffer may keep.
    private static let keptByteCount = 1 << 20

    private let description: PartitionDescription
    private let options: OutputOptions
    private let runID: String
    private let staged: StagedPartition
    private let defersCompression: Bool

    private var part: OpenPart?
    private var files: [ManifestFile] = []
    private var rejects: OpenRejects?
    /// Sorted by name.
    private var accounts: [ManifestAccount] = []
    private var missing: [ManifestAccount] = []
    /// What came since the last account ended.
    private var current = AccountContent()
    private var buffer: [UInt8] = []

    /// Rows and rejects of all accounts so far.
    private(set) var rowCount = 0
    private(set) var rejectCount = 0

    init(
        _ description: PartitionDescription, publisher: PartitionPublisher, options: OutputOptions,
        defersCompression: Bool = false
    ) throws(ExportError) {
        var description = description
        description.tool = publisher.tool
        self.description = description
        self.options = options
        self.defersCompression = defersCompression
        runID = publisher.runID
        staged = try writing { try publisher.stage(description.location) }
    }

    /// Appends rows of the current account. Where parts are cut depends on the rows alone, not on
    /// the batches.
    ///
    /// - Precondition: the batch has the schema of the description.
    /// - Returns: a hash of each row's values, the same in whatever batch, format and run.
    func append(_ batch: RecordBatch) throws(ExportError) -> [UInt64] {
        precondition(batch.schema == description.schema, "a batch of another table")
        current.noteStartTimes(of: batch)
        current.noteStatuses(of: batch)
        try writing {
            var row = 0
            while row < batch.rowCount {
                let part = try currentPart()
                row += try part.stream.append(batch, rows: row..<batch.rowCount, to: &buffer)
                try flush(to: part.file)
                if part.stream.isFull { try closePart() }
            }
        }
        rowCount += batch.rowCount
        current.rowCount += batch.rowCount
        return current.digest.append(batch)
    }

    /// Appends records of the current account, by its name, that are no rows.
    func append(_ rejects: [Reject], of account: String) throws(ExportError) {
        guard !rejects.isEmpty else { return }
        try writing {
            let open = try openRejects()
            for reject in rejects {
                let line = try open.stream.append(reject, account: account, to: &buffer)
                open.digests.append(PartitionContent.digest(ofReject: line))
                try flush(to: open.file)
            }
        }
        rejectCount += rejects.count
        current.rejectCount += rejects.count
    }

    /// Ends the current account.
    ///
    /// - Parameter account: what is known of its extraction; rows, rejects and digest are filled
    ///   in, and the times where they are nil and the table has the column `started_at`.
    /// - Precondition: its name sorts after those that ended before.
    func endAccount(_ account: ManifestAccount) {
        precondition(
            accounts.last.map { $0.account.utf8.lexicographicallyPrecedes(account.account.utf8) }
                ?? true, "accounts come sorted by name")
        var account = account
        account.rows = current.rowCount
        account.rejects = current.rejectCount
        let hasStatus = AccountContent.statusIndex(in: description.schema) != nil
        account.answered = hasStatus ? current.answeredCount : nil
        account.missed = hasStatus ? current.missedCount : nil
        account.sha256 = current.digest.hexadecimal
        account.firstStartedAt = account.firstStartedAt ?? current.firstStartedAt
        account.lastStartedAt = account.lastStartedAt ?? current.lastStartedAt
        accounts.append(account)
        current = AccountContent()
    }

    /// Names an account that the partition lacks.
    func addMissing(_ account: String, reason: String) {
        missing.append(ManifestAccount(missing: account, reason: reason))
    }

    /// Blocks of the part for other threads to compress, where the writer was made so. All of them
    /// are to be done before ``prepare(publishedAt:)``.
    func takeCompressionJobs() -> [CompressionJob] { part?.stream.takeCompressionJobs() ?? [] }

    /// Ends the file of rejects of a partition that is to be abandoned.
    ///
    /// - Returns: its path; nil if there are no rejects.
    func finishRejects() throws(ExportError) -> String? {
        guard let rejects else { return nil }
        self.rejects = nil
        try writing { try finish(rejects) }
        return staged.path(of: Manifest.rejectsName)
    }

    /// Ends the files, makes them durable, reads each back and writes the manifest. Nothing is
    /// visible to readers yet. The partition is complete where no account is missing.
    func prepare(publishedAt: Timestamp) throws(ExportError) -> PreparedPartition {
        try writing {
            try closePart()
            if let rejects { try finish(rejects) }
            return try staged.prepare(manifest(publishedAt: publishedAt))
        }
    }

    /// Removes what was written; readers never saw it.
    func abandon() throws(ExportError) {
        try writing { try staged.abandon() }
    }

    // MARK: - Files

    private func currentPart() throws -> OpenPart {
        if let part { return part }
        let stream = try PartStream(
            number: files.count, of: description, options: options,
            defersCompression: defersCompression, into: &buffer)
        let opened = OpenPart(stream: stream, file: try staged.makeFile(stream.name))
        part = opened
        try flush(to: opened.file)
        return opened
    }

    private func closePart() throws {
        guard let part else { return }
        self.part = nil
        try part.stream.finish(into: &buffer)
        try flush(to: part.file)
        files.append(
            try part.file.finish(
                rows: part.stream.rowCount, dataByteCount: part.stream.dataByteCount))
    }

    private func openRejects() throws -> OpenRejects {
        if let rejects { return rejects }
        let opened = OpenRejects(
            stream: try RejectStream(), file: try staged.makeFile(Manifest.rejectsName))
        rejects = opened
        return opened
    }

    private func finish(_ rejects: OpenRejects) throws {
        try rejects.stream.finish(into: &buffer)
        try flush(to: rejects.file)
        _ = try rejects.file.finish(rows: rejectCount, dataByteCount: 0)
    }

    /// Moves the buffer's bytes to the file.
    private func flush(to file: StagedFile) throws(PartitionError) {
        try file.append(buffer)
        buffer.removeAll(keepingCapacity: buffer.count <= Self.keptByteCount)
    }

    private func manifest(publishedAt: Timestamp) -> Manifest {
        let accounts = (accounts + missing).sorted {
            $0.account.utf8.lexicographicallyPrecedes($1.account.utf8)
        }
        return Manifest(
            of: description, accounts: accounts, rejectDigests: rejects?.digests ?? [],
            files: files, runID: runID, publishedAt: publishedAt)
    }
}

private struct OpenPart {
    let stream: PartStream
    let file: StagedFile
}

private final class OpenRejects {
    let stream: RejectStream
    let file: StagedFile
    var digests: [String] = []

    init(stream: RejectStream, file: StagedFile) {
        self.stream = stream
        self.file = file
    }
}

/// What one account adds to a partition.
private struct AccountContent {
    var rowCount = 0
    var rejectCount = 0
    private(set) var answeredCount = 0
    private(set) var missedCount = 0
    var digest = RowContentDigest()
    private var startTimes: ClosedRange<Int64>?

    var firstStartedAt: ManifestTime? { startTimes.map { time($0.lowerBound) } }
    var lastStartedAt: ManifestTime? { startTimes.map { time($0.upperBound) } }

    /// Keeps the earliest and latest value of a column `started_at`, for callers that do not know.
    mutating func noteStartTimes(of batch: RecordBatch) {
        let name = UnifiedColumn.startedAt.rawValue
        guard let index = batch.schema.columns.firstIndex(where: { $0.name == name }),
            case .timestamp(let column) = batch.columns[index]
        else { return }
        for row in 0..<batch.rowCount where column.validity[row] {
            let value = column.values[row]
            let known = startTimes ?? value...value
            startTimes = min(known.lowerBound, value)...max(known.upperBound, value)
        }
    }

    /// Where the table says whether a call was answered; nil where it does not.
    static func statusIndex(in schema: TableSchema) -> Int? {
        let name = UnifiedColumn.status.rawValue
        return schema.columns.firstIndex { $0.name == name && $0.type == .text }
    }

    /// Counts the calls that were answered and missed.
    mutating func noteStatuses(of batch: RecordBatch) {
        guard let index = Self.statusIndex(in: batch.schema),
            case .text(let column) = batch.columns[index]
        else { return }
        let (answered, missed) = (Array("answered".utf8), Array("missed".utf8))
        for row in 0..<batch.rowCount where column.validity[row] {
            let value = column.bytes[column.range(of: row)]
            // By their length first: this is done for each row.
            if value.count == answered.count {
                answeredCount += value.elementsEqual(answered) ? 1 : 0
            } else if value.count == missed.count {
                missedCount += value.elementsEqual(missed) ? 1 : 0
            }
        }
    }

    private func time(_ epochMilliseconds: Int64) -> ManifestTime {
        ManifestTime(Timestamp(epochMilliseconds: epochMilliseconds))
    }
}

/// Runs a step of writing; whatever fails there is a storage error of the partition.
private func writing<Value>(_ body: () throws -> Value) throws(ExportError) -> Value {
    do {
        return try body()
    } catch let error as any ErrorContract {
        throw ExportError(.storage, error)
    } catch {
        throw ExportError(
            .storage, code: PartitionError.Code.storageFailed.rawValue, message: "\(error)",
            cause: error)
    }
}
