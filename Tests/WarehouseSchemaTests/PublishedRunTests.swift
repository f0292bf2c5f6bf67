import ExportModel
import PartitionWriting
import Testing

@testable import WarehouseSchema

@Suite struct PublishedRunTests {
    private static func run(
        _ fixture: Fixture, _ runID: String? = nil, pipeline: Pipeline? = nil
    ) throws(WarehouseError) -> PublishedRun {
        let pipeline = pipeline ?? fixture.pipeline
        return try PublishedRun(
            of: pipeline.streams[0], in: pipeline, runID: runID, location: "/at",
            fileSystem: SystemFileSystem())
    }

    @Test func lastRunIsTakenUnlessOneIsNamed() throws {
        let fixture = Fixture()
        try fixture.publish([(0, ["a"]), (1, [])], run: "z", at: 1)
        try fixture.publish([(2, ["b"])], run: "a", at: 2)
        let last = try Self.run(fixture)
        #expect(last.runID == "a")
        #expect(last.partitions.map(\.window) == ["1970-01-03"])
        let named = try Self.run(fixture, "z")
        #expect(named.partitions.map(\.window) == ["1970-01-01", "1970-01-02"])
        #expect(named.partitions.map(\.files) == [["part-00000.csv.gz"], []])
        #expect(named.partitions[0].directory == "/at/calls/account=main/dt=1970-01-01")
        #expect(named.notes == [])
        try fixture.remove()
    }

    @Test func replacedPartitionLoadsWhatStandsThereNow() throws {
        let fixture = Fixture()
        try fixture.publish([(0, ["a"])], run: "r1", at: 1)
        try fixture.publish([(0, [])], run: "r2", at: 2)
        let run = try Self.run(fixture, "r1")
        #expect(run.partitions.map(\.files) == [[]])
        #expect(run.notes.count == 1 && run.notes[0].contains("r2"))
        try fixture.remove()
    }

    @Test func unknownRunsAreToldApart() throws {
        let fixture = Fixture()
        #expect { _ = try Self.run(fixture) } throws: {
            ($0 as? WarehouseError)?.reason == .runUnknown
        }
        try fixture.publish([(0, ["a"])], run: "r1", at: 1)
        #expect { _ = try Self.run(fixture, "r2") } throws: {
            ($0 as? WarehouseError)?.reason == .runUnknown
        }
        var other = fixture.pipeline
        other.name = "other"
        #expect { _ = try Self.run(fixture, pipeline: other) } throws: {
            ($0 as? WarehouseError)?.reason == .runUnknown
        }
        try fixture.remove()
    }

    @Test func otherColumnsOrFormatAreRefused() throws {
        let fixture = Fixture()
        try fixture.publish([(0, ["a"])], run: "r1", at: 1)
        var format = fixture.pipeline
        format.output.compression = .zstd
        var columns = fixture.pipeline
        columns.streams = Fixture(columns: [("call_id", "id")]).pipeline.streams
        for changed in [format, columns] {
            #expect { _ = try Self.run(fixture, pipeline: changed) } throws: {
                ($0 as? WarehouseError)?.reason == .publishedDiffers
            }
        }
        try fixture.remove()
    }
}
