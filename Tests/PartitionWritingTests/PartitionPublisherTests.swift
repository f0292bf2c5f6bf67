import ExportModel
import Foundation
import Testing

@testable import PartitionWriting

@Suite struct PartitionPublisherTests {
    private typealias Fixture = PublicationFixture

    /// Everything in the partition's directory.
    private func names(_ fileSystem: MemoryFileSystem) throws -> [String] {
        try fileSystem.list(Fixture.directory)
    }

    private func publish(
        _ batch: RecordBatch, cutInto batchRowCount: Int, options: OutputOptions
    ) throws -> (Manifest, [String: [UInt8]]) {
        let fileSystem = MemoryFileSystem()
        let publisher = Fixture.publisher(fileSystem, options: options)
        let staged = try publisher.stage(TestTable.description(batch.schema))
        for start in stride(from: 0, to: batch.rowCount, by: batchRowCount) {
            try staged.append(Self.slice(batch, start..<min(start + batchRowCount, batch.rowCount)))
        }
        let published = try staged.prepare(
            ExtractionSummary(counts: ExtractionCounts(), extractedAt: Fixture.extractedAt)
        ).publish()
        var files: [String: [UInt8]] = [:]
        for name in try fileSystem.list(Fixture.directory) {
            files[name] = try fileSystem.contents(of: Fixture.directory + "/" + name)
        }
        return (published.manifest, files)
    }

    private static func slice(_ batch: RecordBatch, _ rows: Range<Int>) -> RecordBatch {
        let columns = batch.columns.map { column in
            guard case .text(let text) = column else { preconditionFailure("text tables only") }
            var slice = TextColumn()
            for row in rows {
                if let value = text.string(at: row) {
                    slice.append(value)
                } else {
                    slice.appendNull()
                }
            }
            return ColumnValues.text(slice)
        }
        return RecordBatch(schema: batch.schema, rowCount: rows.count, columns: columns)
    }

    private static func textBatch(rowCount: Int) -> RecordBatch {
        TestTable.batch(
            [("call_id", .text), ("agent", .text)],
            (0..<rowCount).map { row in
                [
                    .text("id-\(row)"),
                    row % 7 == 0 ? .null : .text(String(repeating: "x", count: row % 23)),
                ]
            })
    }

    @Test func partitionHoldsPartsRejectsManifestAndSuccess() throws {
        let fileSystem = MemoryFileSystem()
        let published = try Fixture.prepare(.old, with: Fixture.publisher(fileSystem)).publish()
        #expect(published.changed)
        #expect(published.way == .first)
        #expect(
            try names(fileSystem) == [
                "_SUCCESS", "_manifest.json", "_rejects.ndjson.gz", "part-00000.csv.gz",
                "part-00001.csv.gz",
            ])
        #expect(try fileSystem.contents(of: Fixture.directory + "/_SUCCESS").isEmpty)
        #expect(
            try Fixture.content(of: published.manifest, fileSystem) == """
                call_id,started_at
                old-0,2026-11-19T00:00:00.000Z
                old-1,2026-11-19T00:00:00.001Z
                old-2,2026-11-19T00:00:00.002Z
                old-3,2026-11-19T00:00:00.003Z
                call_id,started_at
                old-4,2026-11-19T00:00:00.004Z
                {"reason":"missing_field","field":"time","page":1,"raw":{"v":"old"}}

                """)
        #expect(try fileSystem.list(Fixture.root + "/_staging") == [])
    }

    @Test func windowWithoutRowsPublishesItsManifestAndNoPart() throws {
        let fileSystem = MemoryFileSystem()
        let published = try Fixture.prepare(.empty, with: Fixture.publisher(fileSystem)).publish()
        #expect(published.manifest.rows == 0)
        #expect(published.manifest.files == [])
        #expect(published.manifest.rejectsFile == nil)
        #expect(published.manifest.accounts.map(\.firstStartedAt) == [nil])
        #expect(try names(fileSystem) == ["_SUCCESS", "_manifest.json"])
        #expect(PartitionVerifier(fileSystem: fileSystem).findings(in: Fixture.directory) == [])
    }

    @Test func requestListHasNoBounds() throws {
        let fileSystem = MemoryFileSystem()
        let batch = Fixture.rows(.old)
        var description = TestTable.description(batch.schema)
        description.window = Window(
            key: .batch("ids"), range: nil, timeZoneIdentifier: "Asia/Kolkata")
        let staged = try Fixture.publisher(fileSystem).stage(description)
        let published = try staged.prepare(
            ExtractionSummary(counts: ExtractionCounts(), extractedAt: Fixture.extractedAt)
        ).publish()
        #expect(published.location.relativePath == "calls/account=main/batch=ids")
        let path = Fixture.root + "/" + published.location.relativePath + "/_manifest.json"
        let text = try TestFiles.text(path, fileSystem)
        #expect(text.contains("\"start\": null"))
        #expect(text.contains("\"end\": null"))
    }

    @Test func unchangedContentIsNotRewritten() throws {
        let fileSystem = MemoryFileSystem()
        _ = try Fixture.prepare(.old, with: Fixture.publisher(fileSystem)).publish()
        let before = fileSystem.disk.node(at: Fixture.directory)
        let again = try Fixture.prepare(.old, with: Fixture.publisher(fileSystem, runID: "run-2"))
            .publish()
        #expect(!again.changed)
        #expect(again.manifest.runID == "run-1")
        #expect(fileSystem.disk.node(at: Fixture.directory) == before)
        #expect(try fileSystem.list(Fixture.root + "/_staging") == [])
    }

    @Test func formatAndPartsLeaveTheContentAsItIs() throws {
        let batch = Self.textBatch(rowCount: 3_000)
        var contents: Set<String> = []
        for format in EncoderRegistry.formats {
            for partByteCount in [10_000, 1 << 28] {
                let options = TestTable.options(
                    path: Fixture.root, format: format, partByteCount: partByteCount)
                contents.insert(try publish(batch, cutInto: 700, options: options).0.contentSHA256)
            }
        }
        #expect(contents.count == 1)
    }

    enum Damage: String, CaseIterable {
        case missingPart, changedPart, missingSuccess, extraPart, changedRejects, noManifest
    }

    @Test(arguments: Damage.allCases)
    func damagedVersionIsRewrittenAlthoughItsManifestSaysTheSame(damage: Damage) throws {
        let fileSystem = MemoryFileSystem()
        _ = try Fixture.prepare(.old, with: Fixture.publisher(fileSystem)).publish()
        func remove(_ name: String) throws {
            try fileSystem.removeTree(at: Fixture.directory + "/" + name)
        }
        func write(_ name: String) throws {
            try fileSystem.writeDurably([1], to: Fixture.directory + "/" + name)
        }
        switch damage {
        case .missingPart: try remove("part-00000.csv.gz")
        case .changedPart:
            try remove("part-00000.csv.gz")
            try write("part-00000.csv.gz")
        case .missingSuccess: try remove("_SUCCESS")
        case .extraPart: try write("part-00009.csv.gz")
        case .changedRejects:
            try remove("_rejects.ndjson.gz")
            try write("_rejects.ndjson.gz")
        case .noManifest: try remove("_manifest.json")
        }
        let again = try Fixture.prepare(.old, with: Fixture.publisher(fileSystem)).publish()
        #expect(again.changed)
        #expect(PartitionVerifier(fileSystem: fileSystem).findings(in: Fixture.directory) == [])
    }

    @Test func changedContentReplacesTheVersion() throws {
        let fileSystem = MemoryFileSystem()
        _ = try Fixture.prepare(.old, with: Fixture.publisher(fileSystem)).publish()
        let next = try Fixture.prepare(.new, with: Fixture.publisher(fileSystem)).publish()
        #expect(next.changed)
        #expect(next.way == .exchanged)
        #expect(next.note == nil)
        #expect(try Fixture.standing(fileSystem).get() == .new)
    }

    @Test func fileSystemWithoutExchangeTakesTwoRenamesAndSaysSo() throws {
        let fileSystem = MemoryFileSystem(MemoryDisk(), faults: .init(refusesExchange: true))
        _ = try Fixture.prepare(.old, with: Fixture.publisher(fileSystem)).publish()
        let next = try Fixture.prepare(.new, with: Fixture.publisher(fileSystem)).publish()
        #expect(next.way == .twoRenames)
        #expect(next.note?.contains("cannot exchange") == true)
        #expect(try Fixture.standing(fileSystem).get() == .new)
        #expect(try fileSystem.list(Fixture.root + "/_staging") == [])
    }

    @Test(arguments: [OutputCompression.gzip, .zstd, .none], [OutputFormat.csv, .ndjson])
    func sameRowsGiveTheSameFilesWhateverTheBatches(
        compression: OutputCompression, format: OutputFormat
    ) throws {
        let options = TestTable.options(
            path: Fixture.root, format: format, compression: compression, partByteCount: 10_000)
        let batch = Self.textBatch(rowCount: 3_000)
        let (manifest, files) = try publish(batch, cutInto: 3_000, options: options)
        #expect(manifest.files.count > 3)
        for batchRowCount in [1, 7, 1_000, 1_024, 1_025] {
            let again = try publish(batch, cutInto: batchRowCount, options: options)
            #expect(again.1 == files, "batches of \(batchRowCount) rows")
        }
    }

    @Test func partIsClosedByTheRowThatReachesItsSize() throws {
        // "a\n" and rows of 10 bytes: 2 + 10 + 10 reaches 22, the third row opens the next part.
        let batch = TestTable.batch([("a", .text)], (0..<5).map { _ in [.text("123456789")] })
        let (manifest, _) = try publish(
            batch, cutInto: 5,
            options: TestTable.options(path: Fixture.root, compression: .none, partByteCount: 22))
        #expect(manifest.files.map(\.rows) == [2, 2, 1])
        #expect(manifest.files.map(\.uncompressedBytes) == [22, 22, 12])
        #expect(
            manifest.files.map(\.path) == ["part-00000.csv", "part-00001.csv", "part-00002.csv"])
    }

    @Test func headerLargerThanAPartStillTakesARow() throws {
        let batch = TestTable.batch([("a_long_name", .text)], [[.text("x")], [.text("y")]])
        let (manifest, _) = try publish(
            batch, cutInto: 2,
            options: TestTable.options(path: Fixture.root, compression: .none, partByteCount: 5))
        #expect(manifest.files.map(\.rows) == [1, 1])
    }

    /// Uncompressed parts have no checksum of their own: only the digest can tell.
    @Test(arguments: [
        ("part-00000.csv", OutputCompression.none), ("part-00000.csv.gz", .gzip),
        ("_rejects.ndjson.gz", .gzip), ("_manifest.json", .gzip),
    ])
    func fileThatReadsBackDifferentlyIsNotPublished(
        name: String, compression: OutputCompression
    ) throws {
        let fileSystem = MemoryFileSystem(MemoryDisk(), faults: .init(corruptsFilesNamed: name))
        let options = TestTable.options(path: Fixture.root, compression: compression)
        #expect {
            _ = try Fixture.prepare(.old, with: Fixture.publisher(fileSystem, options: options))
        } throws: { ($0 as? PartitionError)?.reason == .rereadDiffers }
        #expect(try Fixture.standing(fileSystem).get() == nil)
    }

    @Test(arguments: [ENOSPC, EIO, EROFS])
    func callThatFailsLeavesThePublishedVersionAndTheNextRunGoesOn(errno: Int32) throws {
        let before = MemoryFileSystem()
        try Fixture.run(.old, on: before, runID: "run-0")
        let undisturbed = MemoryFileSystem(before.disk)
        try Fixture.run(.new, on: undisturbed)
        for call in 1...undisturbed.callCount {
            let fileSystem = MemoryFileSystem(before.disk, faults: .init(failures: [call: errno]))
            do {
                try Fixture.run(.new, on: fileSystem)
            } catch let error as PartitionError {
                #expect(error.errorNumber == errno)
                let paths = [Fixture.root, "sync /:"]
                #expect(paths.contains(where: error.message.contains), "it names the path")
            }
            let standing = try Fixture.standing(fileSystem).get()
            #expect(standing == .old || standing == .new, "call \(call)")
            try Fixture.run(.new, on: fileSystem, runID: "run-2")
            #expect(try Fixture.standing(fileSystem).get() == .new, "call \(call)")
            #expect(try fileSystem.list(Fixture.root + "/_staging") == [], "call \(call)")
        }
    }

    @Test func recoveryLeavesOtherPipelinesAlone() throws {
        let fileSystem = MemoryFileSystem()
        let other = PartitionPublisher(
            options: TestTable.options(path: Fixture.root), pipeline: "nightly-2", runID: "r",
            tool: "cdrx/0", fileSystem: fileSystem)
        _ = try other.stage(TestTable.description(Fixture.rows(.old).schema))
        _ = try Fixture.publisher(fileSystem).stage(
            TestTable.description(Fixture.rows(.old).schema))
        let recovered = try Fixture.recover(fileSystem)
        #expect(recovered.map(\.outcome) == [.removed])
        let left = try fileSystem.list(Fixture.root + "/_staging")
        #expect(left.count == 1)
        #expect(left.allSatisfy { $0.hasPrefix("nightly-2.") })
    }

    @Test func abandonedVersionLeavesNothing() throws {
        let fileSystem = MemoryFileSystem()
        let publisher = Fixture.publisher(fileSystem)
        let staged = try publisher.stage(TestTable.description(Fixture.rows(.old).schema))
        try staged.append(Fixture.rows(.old))
        try staged.abandon()
        try Fixture.prepare(.old, with: publisher).abandon()
        #expect(try fileSystem.list(Fixture.root + "/_staging") == [])
        #expect(try Fixture.standing(fileSystem).get() == nil)
    }

    @Test func formatWithoutEncoderIsRefused() throws {
        let missing = OutputFormat.allCases.filter { !EncoderRegistry.formats.contains($0) }
        for format in missing {
            let options = TestTable.options(path: Fixture.root, format: format)
            #expect {
                _ = try Fixture.publisher(MemoryFileSystem(), options: options)
                    .stage(TestTable.description(Fixture.rows(.old).schema))
            } throws: { ($0 as? PartitionError)?.reason == .formatUnknown }
        }
    }

    @Test func runFileListsWhatWasPublished() throws {
        let fileSystem = MemoryFileSystem()
        try Fixture.run(.old, on: fileSystem)
        let path = Fixture.root + "/_runs/00000007-run-1.json"
        let file = try RunFile(json: fileSystem.contents(of: path), path: path)
        let partition = try #require(file.partitions.first)
        #expect(partition.directory == "calls/account=main/dt=2026-11-19")
        #expect(partition.rows == 5)
        #expect(partition.rejects == 1)
        #expect(partition.changed)
        #expect(partition.files.map(\.path) == ["part-00000.csv.gz", "part-00001.csv.gz"])
    }
}
