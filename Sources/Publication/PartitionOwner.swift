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

    /// The pipeline of the newest partition of a location's stream and, where accounts have
    /// partitions of their own, of its account.
    public func pipeline(beside location: PartitionLocation) throws(PartitionError) -> String? {
        for directory in location.directoriesOfOwner {
            if let found = try pipeline(below: root + "/" + directory) { return found }
        }
        return nil
    }

    /// A partition of the location's stream in the other layout: of an account where the location
    /// is that of all accounts, or the other way round. nil if there is none; partitions of
    /// manifest version 1 do not count, for they are replaced.
    public func otherLayout(beside location: PartitionLocation) throws(PartitionError) -> String? {
        let directory = root + "/" + location.components[0]
        guard try files.status(of: directory)?.isDirectory == true else { return nil }
        for name in try files.names(in: directory) where location.isOfOtherLayout(name) {
            if let found = try partition(below: directory + "/" + name, depth: 0) { return found }
        }
        return nil
    }

    /// The first directory with a manifest.
    private func partition(below path: String, depth: Int) throws(PartitionError) -> String? {
        guard depth < Self.maximumDepth, try files.status(of: path)?.isDirectory == true else {
            return nil
        }
        if try files.status(of: path + "/" + Manifest.fileName) != nil { return path }
        for name in try files.names(in: path) {
            if let found = try partition(below: path + "/" + name, depth: depth + 1) {
                return found
            }
        }
        return nil
    }

    private func pipeline(below directory: String) throws(PartitionError) -> String? {
        var path = directory
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
