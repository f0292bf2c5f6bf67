import Compression
import ExportModel
import FileSystem
import TestDisk

@testable import Publication

/// Versions of one partition, published into a memory file system.
enum PublicationFixture {
    static let root = "/export"
    static let location = description().location
    static let directory = root + "/" + location.relativePath
    static let extractedAt = Timestamp(epochMilliseconds: 1_795_100_000_000)

    /// Rows that tell versions apart; the last one shares nothing with the others.
    enum Version: String, CaseIterable {
        case old, new, empty
    }

    /// The lines of each part.
    static func parts(_ version: Version) -> [[String]] {
        let rows = (0..<5).map { "\(version.rawValue)-\($0),2026-11-19T00:00:00.00\($0)Z" }
        return version == .empty ? [] : [Array(rows[..<4]), Array(rows[4...])]
    }

    static func rejects(_ version: Version) -> [String] {
        version == .empty
            ? []
            : [#"{"reason":"missing_field","field":"time","page":1,"raw":{"v":"\#(version)"}}"#]
    }

    static func description(
        _ key: WindowKey? = nil, account: String? = "main"
    ) -> PartitionDescription {
        let date = CivilDate(daysSinceEpoch: 20_776)
        let start = Timestamp(epochMilliseconds: Int64(date.daysSinceEpoch) * 86_400_000)
        var description = PartitionDescription(
            pipeline: "nightly", stream: "calls", endpoint: "telecmi.v2.user.out_missed",
            account: account,
            window: Window(
                key: .day(date),
                range: TimeRange(start: start, end: start.advanced(milliseconds: 86_400_000)),
                timeZoneIdentifier: "UTC"),
            schema: TableSchema(columns: [
                Column(name: "call_id", type: .text), Column(name: "started_at", type: .timestamp),
            ]))
        description.settingsSHA256 = "5e77"
        if let key {
            description.window = Window(key: key, range: nil, timeZoneIdentifier: "Asia/Kolkata")
        }
        return description
    }

    static func publisher(
        _ disk: any Disk, root: String = root, runID: String = "run-1"
    ) -> PartitionPublisher {
        PartitionPublisher(
            DirectoryStore(root: root, pipeline: "nightly", disk: disk), runID: runID,
            tool: "cdrx/0.0.0", disk: disk)
    }

    /// - Parameter suffix: `.gz`, or empty for parts as they are.
    static func prepare(
        _ version: Version, with publisher: PartitionPublisher,
        as description: PartitionDescription = description(), suffix: String = ".gz"
    ) throws -> PreparedPartition {
        let staged = try publisher.stage(description.location)
        var files: [ManifestFile] = []
        for (number, rows) in parts(version).enumerated() {
            let data = Array((["call_id,started_at"] + rows).map { $0 + "\n" }.joined().utf8)
            let file = try staged.makeFile("part-0000\(number).csv\(suffix)")
            try file.append(suffix.isEmpty ? data : compress(data, .gzip()))
            files.append(try file.finish(rows: rows.count, dataByteCount: data.count))
        }
        let rejects = rejects(version)
        if !rejects.isEmpty {
            let file = try staged.makeFile(Manifest.rejectsName)
            try file.append(compress(Array(rejects.map { $0 + "\n" }.joined().utf8), .gzip()))
            _ = try file.finish(rows: 0, dataByteCount: 0)
        }
        var account = ManifestAccount(
            "main", counts: ExtractionCounts(), verifiedBy: .total, reconciled: true,
            extractedAt: extractedAt)
        account.rows = files.reduce(0) { $0 + $1.rows }
        account.rejects = rejects.count
        if account.rows > 0 {
            account.firstStartedAt = ManifestTime(iso8601: "2026-11-19T00:00:00.000Z")
            account.lastStartedAt = ManifestTime(iso8601: "2026-11-19T00:00:00.004Z")
        }
        account.sha256 = ContentDigest.hexadecimal(
            of: Array(parts(version).joined().joined(separator: "\n").utf8))
        return try staged.prepare(
            Manifest(
                of: description, accounts: [account],
                rejectDigests: rejects.map { PartitionContent.digest(ofReject: Array($0.utf8)) },
                files: files, runID: publisher.runID, publishedAt: extractedAt))
    }

    static func runFile(_ runID: String, _ published: PublishedPartition) -> RunFile {
        RunFile(
            sequence: 7, runID: runID, pipeline: "nightly", startedAt: extractedAt,
            finishedAt: extractedAt,
            tool: "cdrx/0.0.0", partitions: [RunPartition(published)])
    }

    /// What a run does first, with the stagings of every earlier one.
    static func recover(_ disk: any Disk) throws -> [RecoveredStaging] {
        let publisher = publisher(disk)
        return try publisher.recoverStaging(of: publisher.stagedRuns())
    }

    /// A whole run: recovery, one window, run file.
    ///
    /// - Parameter reached: called behind each step that promises something.
    static func run(
        _ version: Version, on disk: any Disk, runID: String = "run-1",
        reached: (Milestone) -> Void = { _ in }
    ) throws {
        let publisher = publisher(disk, runID: runID)
        _ = try publisher.recoverStaging(of: publisher.stagedRuns())
        let published = try prepare(version, with: publisher).publish()
        reached(.published)
        try publisher.write(runFile(runID, published))
        reached(.runFileWritten)
    }

    enum Milestone {
        case published, runFileWritten
    }

    /// The version that readers see: nil for none, a message for anything that is no whole version.
    static func standing(_ disk: any Disk) -> Result<Version?, Mixture> {
        let verifier = PartitionVerifier(disk: disk)
        do {
            guard try disk.status(of: directory) != nil else { return .success(nil) }
            let findings = verifier.findings(in: directory)
            guard findings.isEmpty else { return .failure(Mixture(message: "\(findings)")) }
            let manifest = try verifier.manifest(in: directory)
            for version in Version.allCases where manifest.rows == parts(version).joined().count {
                let text = try content(of: manifest, disk)
                if version == .empty || text.contains(version.rawValue) { return .success(version) }
            }
            return .failure(Mixture(message: "rows of no version"))
        } catch {
            return .failure(Mixture(message: "\(error)"))
        }
    }

    struct Mixture: Error {
        var message: String
    }

    /// All parts and rejects, decompressed.
    static func content(
        of manifest: Manifest, _ disk: any Disk
    ) throws -> String {
        var text = ""
        for name in manifest.files.map(\.path) + (manifest.rejectsFile.map { [$0] } ?? []) {
            text += try TestFiles.text(directory + "/" + name, disk)
        }
        return text
    }
}
