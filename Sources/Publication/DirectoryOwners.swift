import ExportModel
import FileSystem
import Foundation

/// The owners of partitions in directories.
struct DirectoryOwners: PartitionOwners {
    /// Directories below an account's that are searched: those of the window.
    private static let maximumDepth = 4

    private let root: String
    private let files: Files<PartitionError>

    /// - Parameter root: the output's directory.
    init(root: String, disk: any Disk) {
        self.root = root
        files = Files(disk)
    }

    func pipeline(at location: PartitionLocation) throws(PartitionError) -> String? {
        try pipeline(in: root + "/" + location.relativePath)
    }

    /// That of the newest partition.
    func pipeline(beside location: PartitionLocation) throws(PartitionError) -> String? {
        for directory in location.directoriesOfOwner {
            if let found = try pipeline(below: root + "/" + directory) { return found }
        }
        return nil
    }

    /// Partitions of manifest version 1 do not count, for they are replaced. Buckets are looked for
    /// in the oldest and in the newest window.
    func otherLayout(
        beside location: PartitionLocation
    ) throws(PartitionError) -> FoundPartition? {
        let directory = root + "/" + location.components[0]
        guard try files.status(of: directory)?.isDirectory == true else { return nil }
        let names = try files.names(in: directory)
        for name in names where location.isOfOtherLayout(name) {
            if let found = try partition(below: directory + "/" + name, depth: 0) { return found }
        }
        guard location.layout == .window else { return nil }
        let windows = names.filter { name in
            PartitionLocation.windowKeys.contains { name.hasPrefix($0) }
        }
        for name in Set([windows.first, windows.last].compactMap(\.self)) {
            let found = try partition(below: directory + "/" + name, depth: 0)
            if let found, (found.buckets > 1) != location.isOfBucket { return found }
        }
        return nil
    }

    func otherBuckets(
        of location: PartitionLocation, count: Int
    ) throws(PartitionError) -> FoundPartition? {
        guard location.layout == .window else { return nil }
        let directory = root + "/" + location.windowComponents.joined(separator: "/")
        guard try files.status(of: directory)?.isDirectory == true else { return nil }
        if count > 1, let found = try partition(at: directory) { return found }
        for name in try files.names(in: directory) where name.hasPrefix(Bucket.directoryPrefix) {
            let found = try partition(at: directory + "/" + name)
            if let found, found.buckets != count { return found }
        }
        return nil
    }

    /// The first directory with a manifest.
    private func partition(
        below path: String, depth: Int
    ) throws(PartitionError) -> FoundPartition? {
        guard depth < Self.maximumDepth, try files.status(of: path)?.isDirectory == true else {
            return nil
        }
        if let found = try partition(at: path) { return found }
        for name in try files.names(in: path) {
            if let found = try partition(below: path + "/" + name, depth: depth + 1) {
                return found
            }
        }
        return nil
    }

    private func partition(at path: String) throws(PartitionError) -> FoundPartition? {
        guard let owned = try owned(in: path) else { return nil }
        let isOfAccount = PartitionLocation.isOfAccount(String(path.dropFirst(root.count + 1)))
        return FoundPartition(
            path: path, layout: isOfAccount ? .account : .window,
            buckets: owned?.bucket?.count ?? 1)
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
        var bucket: ManifestBucket?
    }

    private func pipeline(in directory: String) throws(PartitionError) -> String? {
        try owned(in: directory)??.pipeline
    }

    /// `.some(nil)` for a manifest that is damaged: what it belongs to is not known.
    private func owned(in directory: String) throws(PartitionError) -> Owned?? {
        let path = directory + "/" + Manifest.fileName
        guard try files.status(of: path) != nil else { return nil }
        let bytes = try files.contents(of: path)
        return .some(try? JSONDecoder().decode(Owned.self, from: Data(bytes)))
    }
}
