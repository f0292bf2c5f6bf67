import ExportModel
import Foundation
import Testing

@testable import Publication

/// The real file system, and foreign readers of what was written.
@Suite struct SystemFileSystemTests {
    private let fileSystem = SystemFileSystem()

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "/cdrx-writing-\(UUID())"
        try fileSystem.makeDirectory(at: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(path)
    }

    private func output(_ tool: String, _ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return String(decoding: data, as: UTF8.self)
    }

    private func errno(_ body: () throws -> Void) -> Int32? {
        do {
            try body()
            return nil
        } catch {
            return (error as? PartitionError)?.errorNumber
        }
    }

    @Test func publishedPartitionIsReadByZcatAndReplaced() throws {
        try withDirectory { directory in
            let root = directory + "/a/exports"
            for (index, version) in [PublicationFixture.Version.old, .new].enumerated() {
                let publisher = PublicationFixture.publisher(
                    fileSystem, root: root, runID: "run-\(index)")
                let published = try PublicationFixture.prepare(version, with: publisher).publish()
                #expect(published.way == (index == 0 ? .first : .exchanged))
                #expect(published.leftover == nil)
                try publisher.write(PublicationFixture.runFile("run-\(index)", published))
                let path = root + "/" + published.location.relativePath
                #expect(PartitionVerifier().findings(in: path) == [])
                let text = try output("/bin/zcat", [path + "/part-00000.csv.gz"])
                #expect(text.hasPrefix("call_id,started_at\n\(version.rawValue)-0,2026-11-19T"))
            }
            #expect(try fileSystem.list(root) == ["_runs", "_staging", "calls"])
            #expect(try fileSystem.list(root + "/_staging") == [])
            #expect(
                try fileSystem.list(root + "/_runs") == [
                    "00000007-run-0.json", "00000007-run-1.json",
                ])
        }
    }

    @Test func errorsNameThePathAndTheRemedy() throws {
        try withDirectory { directory in
            let missing = directory + "/none/file"
            #expect {
                _ = try fileSystem.createFile(at: missing)
            } throws: { error in
                let error = error as? PartitionError
                return error?.reason == .storageMissing && error?.errorNumber == ENOENT
                    && error?.message.contains(missing) == true
            }
            #expect(errno { try fileSystem.makeDirectory(at: directory) } == EEXIST)
            #expect(errno { _ = try fileSystem.list(missing) } == ENOENT)
            let status = try fileSystem.status(of: missing)
            #expect(status == nil)
        }
    }

    @Test func removingATreeDoesNotFollowLinks() throws {
        try withDirectory { directory in
            try fileSystem.makeDirectory(at: directory + "/kept")
            try fileSystem.writeDurably([1], to: directory + "/kept/file")
            try fileSystem.makeDirectory(at: directory + "/tree")
            try FileManager.default.createSymbolicLink(
                atPath: directory + "/tree/link", withDestinationPath: directory + "/kept")
            try fileSystem.removeTree(at: directory + "/tree")
            try fileSystem.removeTree(at: directory + "/tree")
            #expect(try fileSystem.list(directory) == ["kept"])
            #expect(try fileSystem.list(directory + "/kept") == ["file"])
        }
    }

    @Test func exchangeSwapsAndRenameRefusesAFullDirectory() throws {
        try withDirectory { directory in
            for name in ["a", "b"] {
                try fileSystem.makeDirectory(at: "\(directory)/\(name)")
                try fileSystem.writeDurably([], to: "\(directory)/\(name)/in-\(name)")
            }
            try fileSystem.exchange(directory + "/a", directory + "/b")
            #expect(try fileSystem.list(directory + "/a") == ["in-b"])
            #expect(
                errno { try fileSystem.rename(directory + "/a", to: directory + "/b") }
                    == ENOTEMPTY)
            #expect(errno { try fileSystem.exchange(directory + "/a", directory + "/c") } == ENOENT)
        }
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func fullDiskIsToldAsSuch() throws {
        try withDirectory { directory in
            let link = directory + "/full"
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: "/dev/full")
            let file = try SystemOutputFile(opening: link)
            let error = Result { try [UInt8](repeating: 1, count: 10).withUnsafeBytes(file.write) }
            #expect {
                try error.get()
            } throws: { error in
                let error = error as? PartitionError
                return error?.reason == .storageFull && error?.message.contains(link) == true
                    && error?.message.contains("free some space") == true
            }
        }
    }
}
