import FileSystem
import Foundation
import TestDisk
import Testing

/// What every disk does: the machine's own file system, and the one that tests put in its place.
@Suite struct DiskConformanceTests {
    enum Subject: CaseIterable {
        case system, fake
    }

    private func withDirectory(
        _ subject: Subject, _ body: (Files<FileSystemError>, String) throws -> Void
    ) throws {
        guard subject == .system else {
            let files = FakeDisk().files
            try files.makeDirectory("/work")
            return try body(files, "/work")
        }
        let path = NSTemporaryDirectory() + "/cdrx-disk-\(UUID())"
        let files = SystemDisk().files
        try files.makeDirectory(path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(files, path)
    }

    private func errno(_ body: () throws -> Void) -> Int32? {
        do {
            try body()
            return nil
        } catch {
            return (error as? FileSystemError)?.errorNumber
        }
    }

    @Test(arguments: Subject.allCases)
    func filesAreReadAndWrittenAnywhere(subject: Subject) throws {
        try withDirectory(subject) { files, directory in
            let path = directory + "/file"
            let file = try files.require(path, .updateOrCreate(isPrivate: true))
            try file.write([1, 2, 3, 4], at: 0)
            try file.write([9], at: 2)
            try file.truncate(to: 3)
            try file.sync(evictsCache: true)
            #expect(try file.byteCount() == 3)
            #expect(try file.read(at: 1, byteCount: 10) == [2, 9])
            #expect(try file.read(at: 3, byteCount: 10) == [])
            #expect(errno { _ = try files.create(path) } == EEXIST)
            let again = try files.require(path, .updateOrCreate(isPrivate: true))
            #expect(try again.read(at: 0, byteCount: 1) == [1])
            #expect(try files.status(of: path) == FileStatus(kind: .file, byteCount: 3))
        }
    }

    @Test(arguments: Subject.allCases)
    func filesOfManyPiecesComeBackWhole(subject: Subject) throws {
        try withDirectory(subject) { files, directory in
            let bytes = (0..<600_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
            for count in [0, 1, 4_096, 262_144, 600_000] {
                let path = "\(directory)/\(count)"
                try files.writeDurably(Array(bytes[..<count]), to: path)
                #expect(try files.contents(of: path) == Array(bytes[..<count]))
            }
            let path = directory + "/600000"
            #expect {
                _ = try files.contents(of: path, maximumByteCount: 599_999)
            } throws: { "\($0)".contains("is larger than 599999 bytes") }
        }
    }

    @Test(arguments: Subject.allCases)
    func aFileInTheWayOfADirectoryIsAnError(subject: Subject) throws {
        try withDirectory(subject) { files, directory in
            try files.writeDurably([], to: directory + "/file")
            #expect(errno { try files.makeDurableDirectory(directory + "/file/a") } != nil)
            #expect(errno { try files.makeDirectoryIfMissing(directory + "/file") } == EEXIST)
        }
    }

    @Test(arguments: Subject.allCases)
    func deepTreesAreLeftAlone(subject: Subject) throws {
        try withDirectory(subject) { files, directory in
            let deep = directory + String(repeating: "/d", count: 18)
            try files.makeDurableDirectory(deep)
            #expect {
                try files.removeTree(directory + "/d")
            } throws: { "\($0)".contains("deeper than anything cdrx writes") }
            #expect(try files.status(of: deep) != nil)
        }
    }

    @Test(arguments: Subject.allCases)
    func exchangeSwapsAndRenameRefusesAFullDirectory(subject: Subject) throws {
        try withDirectory(subject) { files, directory in
            for name in ["a", "b"] {
                try files.makeDirectory("\(directory)/\(name)")
                try files.writeDurably([], to: "\(directory)/\(name)/in-\(name)")
            }
            #expect(try files.exchange(directory + "/a", directory + "/b"))
            #expect(try files.names(in: directory + "/a") == ["in-b"])
            #expect(errno { try files.rename(directory + "/a", to: directory + "/b") } == ENOTEMPTY)
            #expect(
                errno { _ = try files.exchange(directory + "/a", directory + "/c") } == ENOENT)
        }
    }

    @Test(arguments: Subject.allCases)
    func whatIsNotThereIsNil(subject: Subject) throws {
        try withDirectory(subject) { files, directory in
            let missing = directory + "/none/file"
            #expect(errno { _ = try files.create(missing) } == ENOENT)
            #expect(errno { _ = try files.names(in: missing) } == ENOENT)
            #expect(errno { _ = try files.reader(of: missing) } == ENOENT)
            #expect(errno { try files.rename(missing, to: directory + "/a") } == ENOENT)
            #expect(errno { try files.remove(missing) } == ENOENT)
            #expect(errno { try files.makeDirectory(directory) } == EEXIST)
            let found = try files.status(of: missing)
            #expect(found == nil)
            for mode in [OpenMode.read, .update] {
                let file = try files.open(missing, mode)
                #expect(file == nil)
            }
        }
    }

    @Test(arguments: Subject.allCases)
    func removingTakesWholeTreesOrEmptyDirectories(subject: Subject) throws {
        try withDirectory(subject) { files, directory in
            for name in ["kept", "tree", "tree/inner"] {
                try files.makeDirectory("\(directory)/\(name)")
                try files.writeDurably([1], to: "\(directory)/\(name)/file")
            }
            #expect(errno { try files.remove(directory + "/tree") } == ENOTEMPTY)
            try files.removeTree(directory + "/tree")
            try files.removeTree(directory + "/tree")
            #expect(try files.names(in: directory) == ["kept"])
        }
    }

    @Test(arguments: Subject.allCases)
    func renamingReplacesAFileAtOnce(subject: Subject) throws {
        try withDirectory(subject) { files, directory in
            try files.writeDurably([1], to: directory + "/a")
            try files.writeDurably([2], to: directory + "/b")
            let open = try files.require(directory + "/b", .read)
            try files.rename(directory + "/a", to: directory + "/b")
            #expect(try files.names(in: directory) == ["b"])
            #expect(try files.contents(of: directory + "/b") == [1])
            // Who had it open reads on.
            #expect(try open.read(at: 0, byteCount: 1) == [2])
        }
    }
}
