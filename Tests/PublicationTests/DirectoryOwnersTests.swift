import ExportModel
import FileSystem
import TestDisk
import Testing

@testable import Publication

@Suite struct DirectoryOwnersTests {
    private typealias Fixture = PublicationFixture

    private func owner(
        _ account: String?, _ key: WindowKey? = nil
    ) throws -> (DirectoryOwners, FakeDisk) {
        let disk = FakeDisk()
        _ = try Fixture.prepare(
            .old, with: Fixture.publisher(disk),
            as: Fixture.description(key, account: account)
        ).publish()
        return (DirectoryOwners(root: Fixture.root, disk: disk), disk)
    }

    private let date = CivilDate(daysSinceEpoch: 20_800)

    private func location(_ account: String?, stream: String = "calls") -> PartitionLocation {
        PartitionLocation(stream: stream, account: account, window: .day(date))
    }

    @Test func pipelineBesideIsThatOfTheStreamOrItsAccount() throws {
        let (accounts, _) = try owner("main")
        #expect(try accounts.pipeline(beside: location("main")) == "nightly")
        #expect(try accounts.pipeline(beside: location("other")) == nil)
        let (windows, _) = try owner(nil)
        #expect(try windows.pipeline(beside: location(nil)) == "nightly")
        #expect(try windows.pipeline(beside: location(nil, stream: "more")) == nil)
    }

    @Test func otherLayoutIsFoundInTheSameStreamOnly() throws {
        let hour = WindowKey.hour(date, hour: 7, isRepeated: false)
        for key in [nil, hour, .batch("b"), .month(year: 2026, month: 1)] {
            let (windows, _) = try owner(nil, key)
            #expect(
                try windows.otherLayout(beside: location("main"))?.path
                    == Fixture.root + "/"
                    + Fixture.description(key, account: nil).location
                    .relativePath)
            #expect(try windows.otherLayout(beside: location(nil)) == nil)
            #expect(try windows.otherLayout(beside: location("main", stream: "more")) == nil)
            let (accounts, _) = try owner("main", key)
            #expect(
                try accounts.otherLayout(beside: location(nil))?.path
                    == Fixture.root + "/" + Fixture.description(key).location.relativePath)
            #expect(try accounts.otherLayout(beside: location("other")) == nil)
        }
    }

    /// What a killed run, or a partition that was taken away, left.
    @Test func directoriesWithoutAPartitionAreNoLayout() throws {
        let (owner, disk) = try owner("main")
        let manifest = Fixture.directory + "/_manifest.json"
        try disk.files.removeTree(manifest)
        #expect(try owner.otherLayout(beside: location(nil)) == nil)
    }
}
