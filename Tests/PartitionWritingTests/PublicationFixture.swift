import ExportModel

@testable import PartitionWriting

/// Versions of one partition, published into a memory file system.
enum PublicationFixture {
    static let root = "/export"
    static let location = PartitionLocation(
        stream: "calls", account: "main", window: TestTable.window(day: 19).key)
    static let directory = root + "/" + location.relativePath
    static let extractedAt = Timestamp(epochMilliseconds: 1_795_100_000_000)

    /// Rows that tell versions apart; the last one shares nothing with the others.
    enum Version: String, CaseIterable {
        case old, new, empty
    }

    static func rows(_ version: Version) -> RecordBatch {
        TestTable.batch(
            [("call_id", .text), ("started_at", .timestamp)],
            version == .empty
                ? []
                : (0..<5).map { index in
                    [.text("\(version.rawValue)-\(index)"), .number(1_795_046_400_000 + index)]
                })
    }

    static func rejects(_ version: Version) -> [Reject] {
        version == .empty
            ? []
            : [
                Reject(
                    reason: .missing, field: "time", page: 1,
                    raw: Array("{\"v\":\"\(version.rawValue)\"}".utf8))
            ]
    }

    static func publisher(
        _ fileSystem: any FileSystem, runID: String = "run-1", options: OutputOptions? = nil
    ) -> PartitionPublisher {
        PartitionPublisher(
            options: options ?? TestTable.options(path: root, partByteCount: 120),
            pipeline: "nightly", runID: runID, tool: "cdrx/0.0.0", fileSystem: fileSystem)
    }

    static func prepare(
        _ version: Version, with publisher: PartitionPublisher
    ) throws -> PreparedPartition {
        let batch = rows(version)
        let staged = try publisher.stage(TestTable.description(batch.schema))
        try staged.append(batch)
        try staged.append(rejects(version))
        return try staged.prepare(
            ExtractionSummary(counts: ExtractionCounts(), extractedAt: extractedAt))
    }

    static func runFile(_ runID: String, _ published: PublishedPartition) -> RunFile {
        RunFile(
            sequence: 7, runID: runID, pipeline: "nightly", startedAt: extractedAt,
            finishedAt: extractedAt,
            tool: "cdrx/0.0.0", partitions: [RunPartition(published)])
    }

    /// What a run does first, with the stagings of every earlier one.
    static func recover(_ fileSystem: any FileSystem) throws -> [RecoveredStaging] {
        let publisher = publisher(fileSystem)
        return try publisher.recoverStaging(of: publisher.stagedRuns())
    }

    /// A whole run: recovery, one window, run file.
    ///
    /// - Parameter reached: called behind each step that promises something.
    static func run(
        _ version: Version, on fileSystem: any FileSystem, runID: String = "run-1",
        reached: (Milestone) -> Void = { _ in }
    ) throws {
        let publisher = publisher(fileSystem, runID: runID)
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
    static func standing(_ fileSystem: any FileSystem) -> Result<Version?, Mixture> {
        let verifier = PartitionVerifier(fileSystem: fileSystem)
        do {
            guard try fileSystem.status(of: directory) != nil else { return .success(nil) }
            let findings = verifier.findings(in: directory)
            guard findings.isEmpty else { return .failure(Mixture(message: "\(findings)")) }
            let manifest = try verifier.manifest(in: directory)
            for version in Version.allCases where manifest.rows == rows(version).rowCount {
                let text = try content(of: manifest, fileSystem)
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
        of manifest: Manifest, _ fileSystem: any FileSystem
    ) throws -> String {
        var text = ""
        for name in manifest.files.map(\.path) + (manifest.rejectsFile.map { [$0] } ?? []) {
            text += try TestFiles.text(directory + "/" + name, fileSystem)
        }
        return text
    }
}
