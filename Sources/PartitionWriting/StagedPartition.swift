public import Compression
public import ExportModel

/// A version of a partition being built: rows and rejects are appended as they come, in the order
/// they are to stand, with flat memory. For one thread.
///
/// Ends with ``prepare(_:)`` or ``abandon()``; after an error only `abandon` may be called.
public final class StagedPartition {
    /// Room that an empty buffer may keep.
    private static let keptByteCount = 1 << 20

    private let description: PartitionDescription
    private let options: OutputOptions
    private let run: RunIdentity
    private let store: any PartitionStore
    private let fileSystem: any FileSystem
    private let encoder: any PartitionEncoder.Type
    private let location: PartitionLocation
    private let staging: Staging
    private let defersCompression: Bool

    private var part: OpenPart?
    private var files: [ManifestFile] = []
    private var rejectsFile: StagedFile?
    private var buffer: [UInt8] = []
    private var startTimes: ClosedRange<Int64>?
    private var rowContent = RowContentDigest()
    private var rejectDigests: [String] = []

    /// Rows and rejects appended so far.
    public private(set) var rowCount = 0
    public private(set) var rejectCount = 0

    init(
        _ description: PartitionDescription, options: OutputOptions, run: RunIdentity,
        store: any PartitionStore, fileSystem: any FileSystem, defersCompression: Bool
    ) throws(PartitionError) {
        var description = description
        description.tool = run.tool
        self.description = description
        self.options = options
        self.run = run
        self.store = store
        self.fileSystem = fileSystem
        self.defersCompression = defersCompression
        encoder = try EncoderRegistry.encoder(for: options.format)
        location = PartitionLocation(
            stream: description.stream, account: description.account,
            window: description.window.key)
        staging = try store.makeStaging(for: location, runID: run.id)
    }

    /// Appends rows. Where parts are cut depends on the rows alone, not on the batches.
    ///
    /// - Precondition: the batch has the schema of the description.
    /// - Returns: a hash of each row's values, the same in whatever batch, format and run.
    @discardableResult
    public func append(_ batch: RecordBatch) throws(PartitionError) -> [UInt64] {
        precondition(batch.schema == description.schema, "a batch of another table")
        noteStartTimes(of: batch)
        var row = 0
        while row < batch.rowCount {
            let part = try currentPart()
            let rows = row..<min(row + CellBlock.maximumRowCount, batch.rowCount)
            let taken = try part.encoder.append(
                batch, rows: rows, limit: options.partByteCount, to: &buffer)
            try write(to: part.file)
            part.rowCount += taken
            row += taken
            if part.encoder.dataByteCount >= options.partByteCount { try closePart() }
        }
        rowCount += batch.rowCount
        return rowContent.append(batch)
    }

    /// Appends records that are no rows.
    public func append(_ rejects: [Reject]) throws(PartitionError) {
        guard !rejects.isEmpty else { return }
        if rejectsFile == nil {
            rejectsFile = try StagedFile(
                RejectText.fileName, in: staging.directory, codec: .gzip(), fileSystem: fileSystem)
        }
        guard let file = rejectsFile else { return }
        for reject in rejects {
            RejectText.append(reject, to: &buffer)
            rejectDigests.append(PartitionContent.digest(ofReject: buffer.dropLast()))
            try write(to: file)
        }
        rejectCount += rejects.count
    }

    /// Blocks of the part for other threads to compress, where the partition was staged so. All of
    /// them are to be done before ``prepare(_:)``.
    public func takeCompressionJobs() -> [CompressionJob] {
        part?.file.takeCompressionJobs() ?? []
    }

    /// Ends the file of rejects of a partition that is to be abandoned.
    ///
    /// - Returns: its path; nil if there are no rejects.
    public func finishRejects() throws(PartitionError) -> String? {
        guard let file = rejectsFile else { return nil }
        _ = try file.finish(rows: rejectCount)
        return staging.directory + "/" + RejectText.fileName
    }

    /// Ends the files, makes them durable, reads each back and writes the manifest. Nothing is
    /// visible to readers yet.
    ///
    /// - Throws: ``PartitionError/Code/rereadDiffers``, or storage errors.
    public func prepare(_ summary: ExtractionSummary) throws(PartitionError) -> PreparedPartition {
        try closePart()
        _ = try finishRejects()
        let manifest = manifest(summary)
        try writeAndReadBack(manifest)
        return PreparedPartition(
            manifest: manifest, location: location, staging: staging, store: store)
    }

    /// Removes what was written; readers never saw it.
    public func abandon() throws(PartitionError) {
        try store.discard(staging)
    }

    // MARK: - Parts

    private final class OpenPart {
        var encoder: any PartitionEncoder
        let file: StagedFile
        var rowCount = 0

        init(encoder: any PartitionEncoder, file: StagedFile) {
            self.encoder = encoder
            self.file = file
        }
    }

    private func currentPart() throws(PartitionError) -> OpenPart {
        if let part { return part }
        let opened = try openPart()
        part = opened
        return opened
    }

    private func openPart() throws(PartitionError) -> OpenPart {
        let number = String(files.count)
        let padding = String(repeating: "0", count: max(5 - number.count, 0))
        let stem = "part-\(padding)\(number).\(encoder.fileExtension)"
        let (codec, suffix) =
            encoder.compressesItself ? (.none, "") : StoredCodec.choice(options)
        let part = OpenPart(
            encoder: try encoder.init(description, options: options),
            file: try StagedFile(
                stem + suffix, in: staging.directory, codec: codec,
                defersCompression: defersCompression, fileSystem: fileSystem))
        try part.encoder.begin(into: &buffer)
        try write(to: part.file)
        return part
    }

    private func closePart() throws(PartitionError) {
        guard let part else { return }
        self.part = nil
        try part.encoder.finish(into: &buffer)
        try write(to: part.file)
        files.append(
            try part.file.finish(
                rows: part.rowCount, dataByteCount: part.encoder.dataByteCount))
    }

    /// Moves the buffer's bytes to the file.
    private func write(to file: StagedFile) throws(PartitionError) {
        try file.append(buffer)
        buffer.removeAll(keepingCapacity: buffer.count <= Self.keptByteCount)
    }

    // MARK: - Manifest

    private func manifest(_ summary: ExtractionSummary) -> Manifest {
        let account = ManifestAccount(
            account: description.account, rows: rowCount, rejects: rejectCount,
            duplicates: summary.counts.duplicates, outsideWindow: summary.counts.outsideWindow,
            reportedTotal: summary.counts.reportedTotal, verifiedBy: summary.verifiedBy,
            reconciled: summary.isReconciled,
            firstStartedAt: time(summary.firstStartedAt, or: startTimes?.lowerBound),
            lastStartedAt: time(summary.lastStartedAt, or: startTimes?.upperBound),
            extractedAt: ManifestTime(summary.extractedAt), sha256: rowContent.hexadecimal)
        return Manifest(
            pipeline: description.pipeline, stream: description.stream,
            endpoint: description.endpoint, window: ManifestWindow(description.window),
            accounts: [account], rows: rowCount, rejects: rejectCount,
            columns: description.schema.columns.map(ManifestColumn.init),
            schemaSHA256: description.schema.sha256,
            contentSHA256: PartitionContent.sha256(
                accounts: [account], rejectDigests: rejectDigests),
            files: files, rejectsFile: rejectsFile == nil ? nil : RejectText.fileName,
            runID: run.id, publishedAt: ManifestTime(summary.publishedAt), tool: run.tool)
    }

    private func time(_ known: Timestamp?, or seen: Int64?) -> ManifestTime? {
        (known ?? seen.map(Timestamp.init)).map(ManifestTime.init)
    }

    /// Keeps the earliest and latest value of a column `started_at`, for callers that do not know.
    private func noteStartTimes(of batch: RecordBatch) {
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

    /// Writes `_manifest.json` and `_SUCCESS`. Both are made before either is synced, so that one
    /// transaction of the file system's journal takes both.
    private func writeAndReadBack(_ manifest: Manifest) throws(PartitionError) {
        let path = staging.directory + "/" + Manifest.fileName
        let bytes = manifest.json
        let file = try fileSystem.createFile(at: path)
        let success = try fileSystem.createFile(
            at: staging.directory + "/" + Manifest.successName)
        try file.write(bytes)
        for file in [file, success] {
            try file.sync()
            try file.close()
        }
        guard try fileSystem.contents(of: path) == bytes else {
            throw PartitionError(
                .rereadDiffers,
                "\(path) does not hold what was written; nothing was published, check the disk")
        }
    }
}

/// What is known of a window's extraction when its rows are complete.
public struct ExtractionSummary: Sendable {
    public var counts: ExtractionCounts
    /// What shows that the window is whole.
    public var verifiedBy: VerificationBasis
    /// ``ManifestAccount/reconciled``
    public var isReconciled: Bool
    /// Earliest and latest start among the rows; nil: taken from the column `started_at`, if the
    /// table has it.
    public var firstStartedAt: Timestamp?
    public var lastStartedAt: Timestamp?
    /// When the extraction ended.
    public var extractedAt: Timestamp
    /// The present, for the manifest.
    public var publishedAt: Timestamp

    public init(
        counts: ExtractionCounts, verifiedBy: VerificationBasis = .total,
        firstStartedAt: Timestamp? = nil, lastStartedAt: Timestamp? = nil, extractedAt: Timestamp,
        publishedAt: Timestamp? = nil, isReconciled: Bool = true
    ) {
        self.counts = counts
        self.verifiedBy = verifiedBy
        self.isReconciled = isReconciled
        self.firstStartedAt = firstStartedAt
        self.lastStartedAt = lastStartedAt
        self.extractedAt = extractedAt
        self.publishedAt = publishedAt ?? extractedAt
    }
}
