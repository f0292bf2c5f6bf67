public import FileSystem
import Foundation

/// Says which pipeline published what stands in an output.
public struct PartitionOwner: Sendable {
    /// Directories below an account's that are searched: those of the window.
    private static let maximumDepth = 4

    private let root: String
    private let files: Files<PartitionError>

    /// - Parameter root: the output's directory.
    public init(root: String, disk: any Disk) {
        self.root = root
        files = Files(disk)
    }

    /// The pipeline of the partition at a location; nil where there is none, or none that can be
    /// read.
    public func pipeline(at location: PartitionLocation) throws(PartitionError) -> String? {
        try pipeline(in: root + "/" + location.relativePath)
    }

    /// The pipeline of the newest partition of a location's stream and account.
    public func pipeline(beside location: PartitionLocation) throws(PartitionError) -> String? {
        var path = ([root] + location.components.prefix(2)).joined(separator: "/")
        for _ in 0..<Self.maximumDepth {
            guard let status = try files.status(of: path), status.isDirectory else {
                return nil
            }
            if let pipeline = try pipeline(in: path) { return pipeline }
            guard let newest = try files.names(in: path).last(where: { !$0.hasPrefix("_") }) else {
                return nil
            }
            path += "/" + newest
        }
        return nil
    }

    /// What manifests of every version say.
    private struct Owned: Decodable {
        var pipeline: String
    }

    private func pipeline(in directory: String) throws(PartitionError) -> String? {
        let path = directory + "/" + Manifest.fileName
        guard try files.status(of: path) != nil else { return nil }
        let bytes = try files.contents(of: path)
        // What is damaged belongs to nobody.
        return try? JSONDecoder().decode(Owned.self, from: Data(bytes)).pipeline
    }
}
