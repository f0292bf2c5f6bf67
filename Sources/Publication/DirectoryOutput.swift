import BoundedDispatch
public import FileSystem

/// An output in a directory of this machine.
public struct DirectoryOutput: PublishedOutput {
    /// Directories below the root that are searched: stream, account, and the window's.
    private static let maximumDepth = 6

    public let name: String
    public var laneCount: Int { LaneGroup.coreCount }
    public var listsETags: Bool { false }
    private let files: Files<PartitionError>

    /// - Parameter root: the output's directory; where it is empty, paths are those of the disk.
    public init(root: String, disk: any Disk) {
        name = root
        files = Files(disk)
    }

    public func forEachPartition(
        below directory: String, _ body: (PublishedDirectory) throws(PartitionError) -> Void
    ) throws(PartitionError) {
        let root = directory.isEmpty ? "" : directory + "/"
        guard try files.status(of: name(of: directory)) != nil else { return }
        for stream in try directories(in: directory) {
            for name in try directories(in: root + stream)
            where PartitionLocation.keys.contains(where: name.hasPrefix) {
                try visit(root + stream + "/" + name, depth: 0, body)
            }
        }
    }

    private func visit(
        _ path: String, depth: Int, _ body: (PublishedDirectory) throws(PartitionError) -> Void
    ) throws(PartitionError) {
        guard depth < Self.maximumDepth else { return }
        let children = try directories(in: path)
        let names = try files.names(in: name(of: path))
        if names.count > children.count { try body(Self.directory(path, names)) }
        for child in children { try visit(path + "/" + child, depth: depth + 1, body) }
    }

    /// Names of the directories in a directory, without `_staging`, `_runs` and `_state`.
    private func directories(in path: String) throws(PartitionError) -> [String] {
        var found: [String] = []
        let path = name(of: path)
        for name in try files.names(in: path) where !name.hasPrefix("_") && !name.hasPrefix(".") {
            if try files.status(of: path + "/" + name)?.isDirectory == true {
                found.append(name)
            }
        }
        return found
    }

    public func directory(at path: String) throws(PartitionError) -> PublishedDirectory? {
        guard try files.status(of: name(of: path))?.isDirectory == true else { return nil }
        return Self.directory(path, try files.names(in: name(of: path)))
    }

    public func standing(among directories: [String]) throws(PartitionError) -> Set<String> {
        var found: Set<String> = []
        for path in directories where try files.status(of: name(of: path)) != nil {
            found.insert(path)
        }
        return found
    }

    private static func directory(_ path: String, _ names: [String]) -> PublishedDirectory {
        let entries = names.map { ($0, PublishedDirectory.Entry()) }
        return PublishedDirectory(path: path, entries: Dictionary(entries) { first, _ in first })
    }

    public func contents(of path: String) throws(PartitionError) -> [UInt8] {
        try files.contents(of: name(of: path))
    }

    public func read(
        _ path: String, _ receive: (UnsafeRawBufferPointer) -> Void
    ) throws(PartitionError) {
        let reader = try files.reader(of: name(of: path))
        while let piece = try reader.next() { piece.withUnsafeBytes(receive) }
    }

    public func isIrregular(_ path: String) throws(PartitionError) -> Bool {
        try files.status(of: name(of: path))?.kind == .other
    }
}
