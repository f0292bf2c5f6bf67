import FileSystem

/// Takes partitions of manifest version 1 away, whose accounts and window another one holds now.
///
/// For one thread at a time: windows of an account lay in one directory, which goes with the last.
struct FormerPartitions {
    let store: DirectoryStore
    /// Where they are moved; removed with the staging.
    let directory: String

    private var files: Files<PartitionError> { store.files }

    /// The paths of those that stand and are of this pipeline.
    func standing(_ locations: [PartitionLocation]) throws(PartitionError) -> [String] {
        var found: [String] = []
        for path in locations.map(store.path) where try isOurs(path) { found.append(path) }
        return found
    }

    /// Moves them. No reader sees them when it returns, also after a power loss.
    func take(_ paths: [String]) throws(PartitionError) {
        try files.removeTree(directory)
        try files.makeDirectory(directory)
        for (index, path) in paths.enumerated() {
            try files.rename(path, to: directory + "/\(index)")
        }
        for parent in Set(paths.map(Files<PartitionError>.parent)) {
            try files.syncDirectory(parent)
        }
    }

    /// Undoes ``take(_:)``, where what replaces them could not be published.
    func putBack(_ paths: [String]) throws(PartitionError) {
        for (index, path) in paths.enumerated() {
            try files.rename(directory + "/\(index)", to: path)
            try files.syncDirectory(Files<PartitionError>.parent(of: path))
        }
    }

    /// Removes the directories that nothing lies in any more, up to the stream's.
    func removeEmptiedParents(of paths: [String]) throws(PartitionError) {
        for path in paths {
            var parent = Files<PartitionError>.parent(of: path)
            while parent.split(separator: "/").last?.contains("=") == true,
                try files.status(of: parent) != nil, try files.names(in: parent).isEmpty
            {
                try files.removeTree(parent)
                parent = Files<PartitionError>.parent(of: parent)
            }
        }
    }

    /// What cannot be read may be anyone's, so it stays.
    private func isOurs(_ path: String) throws(PartitionError) -> Bool {
        guard let found = try files.status(of: path), found.isDirectory else { return false }
        guard let manifest = store.readableManifest(in: path) else { return false }
        return manifest.manifestVersion == ManifestVersion1.version
            && manifest.pipeline == store.pipeline
    }
}
