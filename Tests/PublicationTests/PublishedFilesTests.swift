import ExportModel
import FileSystem
import Foundation
import TestDisk
import Testing

@testable import Publication

/// Foreign readers of what was written to the real file system.
@Suite struct PublishedFilesTests {
    private let disk = SystemDisk()

    private func withDirectory(_ body: (String) throws -> Void) throws {
        let path = NSTemporaryDirectory() + "/cdrx-writing-\(UUID())"
        try disk.files.makeDirectory(path)
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

    @Test func publishedPartitionIsReadByZcatAndReplaced() throws {
        try withDirectory { directory in
            let root = directory + "/a/exports"
            for (index, version) in [PublicationFixture.Version.old, .new].enumerated() {
                let publisher = PublicationFixture.publisher(
                    disk, root: root, runID: "run-\(index)")
                let published = try PublicationFixture.prepare(version, with: publisher).publish()
                #expect(published.way == (index == 0 ? .first : .exchanged))
                #expect(published.leftover == nil)
                try publisher.write(PublicationFixture.runFile("run-\(index)", published))
                let path = root + "/" + published.location.relativePath
                #expect(PartitionVerifier().findings(in: path) == [])
                let text = try output("/bin/zcat", [path + "/part-00000.csv.gz"])
                #expect(text.hasPrefix("call_id,started_at\n\(version.rawValue)-0,2026-11-19T"))
            }
            #expect(try disk.files.names(in: root) == ["_runs", "_staging", "calls"])
            #expect(try disk.files.names(in: root + "/_staging") == [])
            #expect(
                try disk.files.names(in: root + "/_runs") == [
                    "00000007-run-0.json", "00000007-run-1.json",
                ])
        }
    }
}
