import Foundation

@testable import PipelineFile

/// Files in memory, and what the reader says of them.
struct FakeFiles {
    var files: [String: [UInt8]] = [:]
    var environment: [String: String] = [:]
    var machine = MachineAccess.none

    init(_ files: [String: String], environment: [String: String] = [:]) {
        self.files = files.mapValues { Array($0.utf8) }
        self.environment = environment
    }

    func read(
        _ path: String = "p.yaml", outputOverride: String? = nil
    ) throws -> PipelineFileResult {
        let files = files
        let reader = PipelineReader(
            catalog: EndpointCatalog.bundled, environment: environment,
            readFile: { path in
                guard let bytes = files[path] else { throw POSIXError(.ENOENT) }
                return bytes
            }, machine: machine)
        return reader.read(path, outputOverride: outputOverride)
    }
}

/// The repository, found from this file.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The files of a folder with an extension, by name.
    static func files(in folder: String, extension suffix: String) throws -> [URL] {
        try FileManager.default
            .contentsOfDirectory(
                at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil
            )
            .filter { $0.pathExtension == suffix }
            .sorted { $0.path < $1.path }
    }
}
