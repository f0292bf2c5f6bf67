import ExportModel
import FileSystem
import Foundation
import TestDisk
import Testing

@testable import RunLedger

@Suite struct RowDigestFileTests {
    private static func version(_ digit: Character, rowCount: Int = 3) -> RowVersion {
        let digest = String(repeating: digit, count: 64)
        return RowVersion(contentSHA256: digest, schemaSHA256: digest, rowCount: rowCount)
    }

    /// Writes a version and says how it differs from `standing`, which had `rowCount` rows.
    @discardableResult
    private static func write(
        _ rows: [(key: UInt64, values: UInt64)], _ version: Character, since standing: Character,
        rowCount: Int = 3, in state: StateDirectory, commits: Bool = true
    ) throws -> RowChanges? {
        try SystemDisk().files.makeDurableDirectory(state.rowsPath)
        let file = RowDigestFile(in: state, of: .day(0))
        for row in rows {
            try file.append(account: "main", keyHashes: [row.key], valueHashes: [row.values])
        }
        try file.finish(version: Self.version(version))
        let changes = try file.changes(since: Self.version(standing, rowCount: rowCount))
        if commits { try file.commit() } else { try file.discard() }
        return changes
    }

    private static func rows(_ keys: some Sequence<Int>) -> [(key: UInt64, values: UInt64)] {
        keys.map { (key: UInt64($0), values: UInt64($0) &* 31) }
    }

    @Test(arguments: [
        (old: 0..<0, new: 0..<2, late: 2, gone: 0), (old: 0..<2, new: 0..<2, late: 0, gone: 0),
        (old: 0..<5, new: 5..<10, late: 5, gone: 5), (old: 0..<9, new: 3..<10, late: 1, gone: 3),
        (old: 0..<40_000, new: 20_000..<60_000, late: 20_000, gone: 20_000),
        (old: 0..<3, new: 0..<0, late: 0, gone: 3),
    ])
    func keysTellLateFromGone(old: Range<Int>, new: Range<Int>, late: Int, gone: Int) throws {
        let place = try TemporaryDirectory()
        try Self.write(Self.rows(old), "a", since: "0", in: place.state)
        let changes = try Self.write(
            Self.rows(new), "b", since: "a", rowCount: old.count, in: place.state)
        #expect(changes == RowChanges(late: late, changed: 0, gone: gone))
    }

    @Test func valuesTellChangedAndOrderDoesNotMatter() throws {
        let place = try TemporaryDirectory()
        var rows = Self.rows(0..<1_000)
        try Self.write(rows, "a", since: "0", in: place.state)
        rows[3].values += 1
        rows[999].values += 1
        rows.shuffle()
        let changes = try Self.write(rows, "b", since: "a", in: place.state)
        #expect(changes == RowChanges(late: 0, changed: 2, gone: 0))
    }

    /// Two rows of one hash: which is which cannot be told.
    @Test func equalKeysAreUnknown() throws {
        let place = try TemporaryDirectory()
        try Self.write([(1, 1), (1, 2)], "a", since: "0", in: place.state)
        #expect(try Self.write([(7, 1), (8, 2)], "b", since: "a", in: place.state) == nil)
    }

    @Test func anotherVersionIsNotBelieved() throws {
        let place = try TemporaryDirectory()
        #expect(try Self.write(Self.rows(0..<3), "a", since: "0", in: place.state) == nil)
        #expect(try Self.write(Self.rows(0..<3), "b", since: "c", in: place.state) == nil)
        // What was discarded leaves the standing file alone.
        try Self.write(Self.rows(0..<9), "d", since: "b", in: place.state, commits: false)
        #expect(
            try Self.write(Self.rows(0..<4), "e", since: "b", in: place.state)
                == RowChanges(late: 1, changed: 0, gone: 0))
    }

    /// What a kill, a power loss or a bad disk can leave is nothing known, never something wrong.
    @Test func aCutOrFlippedFileIsNotBelieved() throws {
        let place = try TemporaryDirectory()
        try Self.write(Self.rows(0..<3), "a", since: "0", in: place.state)
        let names = try FileManager.default.contentsOfDirectory(atPath: place.state.rowsPath)
        let url = URL(fileURLWithPath: place.state.rowsPath + "/" + (try #require(names.first)))
        let whole = try Data(contentsOf: url)
        func changes() throws -> RowChanges? {
            try Self.write(Self.rows(0..<3), "b", since: "a", in: place.state, commits: false)
        }
        #expect(try changes() == RowChanges(late: 0, changed: 0, gone: 0))
        for index in whole.indices {
            var flipped = whole
            flipped[index] ^= 0x10
            try flipped.write(to: url)
            #expect(try changes() == nil, "byte \(index)")
            try whole.prefix(index).write(to: url)
            #expect(try changes() == nil, "cut at \(index)")
        }
        #expect(names.count == 1)
    }

    @Test func rowsBeforeARestartAreForgotten() throws {
        let place = try TemporaryDirectory()
        try SystemDisk().files.makeDurableDirectory(place.state.rowsPath)
        let file = RowDigestFile(in: place.state, of: .day(0))
        let many = (0..<30_000).map { UInt64($0) }
        try file.append(account: "main", keyHashes: many, valueHashes: many)
        try file.restart()
        try file.append(account: "main", keyHashes: [1], valueHashes: [1])
        try file.finish(version: Self.version("a"))
        try file.commit()
        #expect(
            try Self.write([(1, 1)], "b", since: "a", in: place.state)
                == RowChanges(late: 0, changed: 0, gone: 0))
    }

    /// What a former version or a killed run left goes with it.
    @Test func versionWithoutRowsHasNoFile() throws {
        let place = try TemporaryDirectory()
        try Self.write(Self.rows(0..<3), "a", since: "0", in: place.state)
        let leftover = place.state.unfinishedRowsPath + "/nightly~calls~main~1970-01-01.rows"
        try Data(repeating: 7, count: 1_000).write(to: URL(fileURLWithPath: leftover))
        let changes = try Self.write([], "b", since: "a", in: place.state)
        #expect(changes == RowChanges(late: 0, changed: 0, gone: 3))
        let names = try FileManager.default.contentsOfDirectory(atPath: place.state.rowsPath)
        #expect(names == [])
    }

    /// What a killed run left is longer than the rows that follow.
    @Test func leftoverIsNoPartOfTheFile() throws {
        let place = try TemporaryDirectory()
        try SystemDisk().files.makeDurableDirectory(place.state.rowsPath)
        try SystemDisk().files.makeDurableDirectory(place.state.unfinishedRowsPath)
        let leftover = place.state.unfinishedRowsPath + "/nightly~calls~main~1970-01-01.rows"
        try Data(repeating: 7, count: 1_000).write(to: URL(fileURLWithPath: leftover))
        try Self.write(Self.rows(0..<3), "a", since: "0", in: place.state)
        #expect(
            try Self.write(Self.rows(0..<3), "b", since: "a", in: place.state)
                == RowChanges(late: 0, changed: 0, gone: 0))
    }

    @Test func whatAKilledRunLeftGoes() throws {
        let place = try TemporaryDirectory()
        try Self.write(Self.rows(0..<3), "a", since: "0", in: place.state)
        let standing = try FileManager.default.contentsOfDirectory(atPath: place.state.rowsPath)
        try Data([7]).write(
            to: URL(fileURLWithPath: place.state.unfinishedRowsPath + "/gone~1970-01-01.rows"))
        try RowDigestFile.removeUnfinished(in: place.state)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: place.state.rowsPath) == standing)
        #expect(standing.count == 1)
    }

    /// Two accounts may have a record of one key; the second came late.
    @Test func rowsOfAccountsAreToldFromEachOther() throws {
        let place = try TemporaryDirectory()
        func write(_ accounts: [String], _ version: Character) throws -> RowChanges? {
            try SystemDisk().files.makeDurableDirectory(place.state.rowsPath)
            let file = RowDigestFile(in: place.state, of: .day(0, account: nil))
            for account in accounts {
                try file.append(account: account, keyHashes: [1, 2], valueHashes: [3, 4])
            }
            try file.finish(version: Self.version(version, rowCount: 2 * accounts.count))
            let changes = try file.changes(since: Self.version("a", rowCount: 4))
            try file.commit()
            return changes
        }
        #expect(try write(["a", "b"], "a") == nil)
        #expect(try write(["a", "c"], "b") == RowChanges(late: 2, changed: 0, gone: 2))
        let names = try FileManager.default.contentsOfDirectory(atPath: place.state.rowsPath)
        #expect(names == ["nightly~calls~~1970-01-01.rows"])
    }

    @Test func rowsGoWithTheirPartition() throws {
        let place = try TemporaryDirectory()
        try Self.write(Self.rows(0..<3), "a", since: "0", in: place.state)
        try RowDigestFile.remove(in: place.state, of: .day(1))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: place.state.rowsPath).count == 1)
        for _ in 0..<2 { try RowDigestFile.remove(in: place.state, of: .day(0)) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.state.rowsPath).isEmpty)
    }
}
