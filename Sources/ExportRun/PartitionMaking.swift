import Archive
import ExportModel
import Extraction
import Publication
import RunLedger

/// An account of a partition that is made of the archive.
struct PartitionMember {
    /// What the partition holds of it.
    enum Content {
        case version(ArchivedVersion)
        case missing(reason: String)
    }

    var account: String
    var content: Content
    /// How its window ended in this run; nil where it was not planned.
    var end: AccountEnd?
    /// What the ledger said when the run began with the partition.
    var record: WindowRecord?
    /// Once its rows are in the partition.
    var summary: AccountSummary?

    var isMissing: Bool {
        if case .missing = content { true } else { false }
    }
}

/// Makes a partition of archived account windows, some slices at a time.
struct PartitionMaking {
    /// What a step takes at most, so that walks do not wait long for their lane.
    private static let stepRowCount = 20_000
    private static let stepAccountCount = 256

    /// An account whose slices are being read.
    private struct Reading {
        var slices: ArchivedSlices
        var intake: AccountIntake
    }

    /// In the order of their names.
    private(set) var members: [PartitionMember]
    let build: PartitionBuild

    private let archive: WindowArchive
    private let stream: Stream
    private let window: Window
    private let extractor: WindowExtractor
    /// Rows that readers see, by account.
    private let standingRows: [String: Int]
    private var next = 0
    private var reading: Reading?

    init(
        members: [PartitionMember], archive: WindowArchive, build: PartitionBuild, stream: Stream,
        window: Window, extractor: WindowExtractor, standingRows: [String: Int]
    ) {
        self.members = members
        self.archive = archive
        self.build = build
        self.stream = stream
        self.window = window
        self.extractor = extractor
        self.standingRows = standingRows
    }

    /// Takes the next slices.
    ///
    /// - Returns: whether they were the last.
    mutating func step() throws(ExportError) -> Bool {
        var rowCount = 0
        var accountCount = 0
        while next < members.count {
            guard rowCount < Self.stepRowCount, accountCount < Self.stepAccountCount else {
                return false
            }
            switch members[next].content {
            case .missing(let reason):
                build.addMissing(members[next].account, reason: reason)
                next += 1
                accountCount += 1
            case .version(let version):
                var reading: Reading
                if let open = self.reading { reading = open } else { reading = try read(version) }
                if let (slice, counts) = try reading.slices.next() {
                    try reading.intake.append(slice, counts: counts)
                    rowCount += slice.rows.count
                    self.reading = reading
                } else {
                    try end(version, reading.intake)
                    accountCount += 1
                }
            }
        }
        return true
    }

    private func read(_ version: ArchivedVersion) throws(ExportError) -> Reading {
        Reading(
            slices: try ArchivedSlices(version, in: archive, extractor, of: window),
            intake: AccountIntake(stream, account: version.account, into: build))
    }

    private mutating func end(
        _ version: ArchivedVersion, _ intake: AccountIntake
    ) throws(ExportError) {
        try intake.checkRejects(isWhole: true)
        if version.isDrained { try checkHoldsAll(version, intake.summary) }
        build.endAccount(ManifestAccount(version, intake.summary, of: stream))
        members[next].summary = intake.summary
        reading = nil
        next += 1
    }
}

extension PartitionMaking {
    /// What was drained cannot be asked for again, so a published window must not shrink to what
    /// is left of its archive.
    private func checkHoldsAll(
        _ version: ArchivedVersion, _ summary: AccountSummary
    ) throws(ExportError) {
        let standing = standingRows[version.account] ?? 0
        if summary.rowCount + summary.rejectCount >= standing { return }
        throw ExportError(
            .storage, code: .drainedArchiveMissing,
            message: """
                window \(window.key) of account '\(version.account)' was published with \
                \(standing) rows, and the archive of drained records has only \
                \(summary.rowCount); restore the archive from a backup, or export the window \
                with `syncflag: 3`
                """)
    }
}

extension VerificationBasis {
    /// How the account windows of a stream are verified.
    init(_ stream: Stream) {
        let response = stream.endpoint.response
        if stream.isDrain {
            self = .drain
        } else if stream.requests != nil {
            self = .requestIDs
        } else if response.total.isExact {
            self = .total
        } else {
            let isOverlap = response.confirmation == .overlap && stream.extract.confirmation != .all
            self = isOverlap ? .endMark : .doubleWalk
        }
    }
}

extension ManifestAccount {
    /// An account whose rows are in a partition.
    init(_ version: ArchivedVersion, _ summary: AccountSummary, of stream: Stream) {
        self.init(
            version.account, counts: summary.counts,
            verifiedBy: VerificationBasis(stream),
            reconciled: version.end?.mismatch == nil,
            extractedAt: version.end?.extractedAt ?? Timestamp(epochMilliseconds: 0))
        firstStartedAt = summary.firstStartedAt.map(ManifestTime.init)
        lastStartedAt = summary.lastStartedAt.map(ManifestTime.init)
    }
}
