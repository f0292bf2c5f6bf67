import FileSystem
import Foundation
import Testing

/// The machine's own file system.
@Suite struct SystemDiskTests {
    private let files = Files<FileSystemError>(SystemDisk())

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "/cdrx-files-\(UUID())"
        try files.makeDirectory(path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func errno(_ body: () throws -> Void) -> Int32? {
        do {
            try body()
            return nil
        } catch {
            return (error as? FileSystemError)?.errorNumber
        }
    }

    @Test func errorsNameThePathAndTheRemedy() throws {
        try withDirectory { directory in
            let missing = directory + "/none/file"
            let error = try #require(throws: FileSystemError.self) { try files.create(missing) }
            #expect(error.code == .missing && error.errorNumber == ENOENT)
            #expect(error.message.contains("cannot create \(missing): "))
            #expect(errno { try files.makeDirectory(directory) } == EEXIST)
            #expect(errno { _ = try files.names(in: missing) } == ENOENT)
            #expect(try files.status(of: missing) == nil)
            for mode in [OpenMode.read, .update] { #expect(try files.open(missing, mode) == nil) }
        }
    }

    @Test func privateMeansTheOwnerAlone() throws {
        try withDirectory { directory in
            let path = directory + "/a/b"
            try files.makeDurableDirectory(path, isPrivate: true)
            try files.writeDurably([1], to: path + "/file", isPrivate: true)
            for (path, mode) in [(path, 0o700), (path + "/file", 0o600)] {
                let found = try FileManager.default.attributesOfItem(atPath: path)
                #expect(found[.posixPermissions] as? Int == mode, "\(path)")
            }
            // Once more changes nothing.
            try files.makeDurableDirectory(path)
            #expect(try files.names(in: path) == ["file"])
        }
    }

    @Test func removingATreeDoesNotFollowLinks() throws {
        try withDirectory { directory in
            for name in ["kept", "tree", "tree/inner"] {
                try files.makeDirectory("\(directory)/\(name)")
                try files.writeDurably([1], to: "\(directory)/\(name)/file")
            }
            try FileManager.default.createSymbolicLink(
                atPath: directory + "/tree/link", withDestinationPath: directory + "/kept")
            #expect(try files.status(of: directory + "/tree/link")?.kind == .other)
            try files.removeTree(directory + "/tree")
            try files.removeTree(directory + "/tree")
            #expect(try files.names(in: directory) == ["kept"])
            #expect(try files.names(in: directory + "/kept") == ["file"])
        }
    }

    @Test func aLinkIsNotReadAsAFile() throws {
        try withDirectory { directory in
            let link = directory + "/link"
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: "/dev/null")
            #expect {
                _ = try files.contents(of: link)
            } throws: { "\($0)".contains("\(link) is a link, a pipe or a device") }
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func aFullDiskIsReported() throws {
        try withDirectory { directory in
            let link = directory + "/full"
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: "/dev/full")
            let file = try files.require(link, .update)
            let error = try #require(throws: FileSystemError.self) { try file.write([1], at: 0) }
            #expect(error.code == .full && error.message.contains("cannot write \(link)"))
            #expect(error.message.contains("free some space"))
        }
    }

    @Test(arguments: [
        ("/a/b", "/a"), ("/a", "/"), ("/", "/"), ("a/b/", "a"), ("a", "."), (".", "."),
    ])
    func parentsOfPaths(path: String, parent: String) {
        #expect(Files<FileSystemError>.parent(of: path) == parent)
    }
}
