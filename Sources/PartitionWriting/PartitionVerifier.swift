/// Re-reads published partitions and compares them with their manifests.
public struct PartitionVerifier: Sendable {
    /// Directories below the root that are searched: stream, account, and the window's.
    private static let mostDepth = 6

    private let fileSystem: any FileSystem

    public init(fileSystem: any FileSystem = SystemFileSystem()) {
        self.fileSystem = fileSystem
    }

    /// Everything in a partition's directory that is not as its manifest says; empty if all is.
    ///
    /// Every file is read from end to end, decompressed and its rows counted.
    public func findings(in directory: String) -> [PartitionFinding] {
        let manifest: Manifest
        let names: [String]
        do {
            guard try fileSystem.status(of: directory + "/" + Manifest.fileName) != nil else {
                let message = "there is no manifest, so nothing tells whether it is complete"
                return [PartitionFinding(.missingManifest, directory, message)]
            }
            manifest = try self.manifest(in: directory)
            names = try fileSystem.list(directory)
        } catch {
            return [PartitionFinding(.unreadableManifest, directory, error.message)]
        }
        var findings: [PartitionFinding] = []
        for file in manifest.files {
            findings += self.findings(of: file, in: directory, manifest, names)
        }
        findings += rejectsFindings(manifest, in: directory, names)
        findings += totalsFindings(manifest, in: directory, names)
        return findings
    }

    /// The manifest of the partition in a directory.
    ///
    /// - Throws: ``PartitionError/Code/manifestUnreadable``, or storage errors.
    public func manifest(in directory: String) throws(PartitionError) -> Manifest {
        let path = directory + "/" + Manifest.fileName
        return try Manifest(json: fileSystem.contents(of: path), path: path)
    }

    /// Directories of all partitions below an export's root, also of those that lost their
    /// manifest: every directory below `<stream>/account=…` that holds a file. In path order.
    public func partitions(under root: String) throws(PartitionError) -> [String] {
        var found: [String] = []
        for stream in try directories(in: root) {
            for account in try directories(in: root + "/" + stream)
            where account.hasPrefix("account=") {
                try collect(root + "/" + stream + "/" + account, depth: 0, into: &found)
            }
        }
        return found
    }

    private func collect(
        _ path: String, depth: Int, into found: inout [String]
    ) throws(PartitionError) {
        guard depth < Self.mostDepth else { return }
        let children = try directories(in: path)
        if try fileSystem.list(path).count > children.count { found.append(path) }
        for child in children { try collect(path + "/" + child, depth: depth + 1, into: &found) }
    }

    /// Names of the directories in a directory, without `_staging`, `_runs` and `_state`.
    private func directories(in path: String) throws(PartitionError) -> [String] {
        var found: [String] = []
        for name in try fileSystem.list(path) where !name.hasPrefix("_") && !name.hasPrefix(".") {
            if try fileSystem.status(of: path + "/" + name)?.isDirectory == true {
                found.append(name)
            }
        }
        return found
    }

    private func findings(
        of file: ManifestFile, in directory: String, _ manifest: Manifest, _ names: [String]
    ) -> [PartitionFinding] {
        let path = directory + "/" + file.path
        guard names.contains(file.path) else {
            return [PartitionFinding(.missingFile, path, "the manifest names it, it is not there")]
        }
        let encoder = EncoderRegistry.encoder(ofFile: file.path)
        let counter = encoder?.makeRowCounter(columnNames: manifest.columns.map(\.name))
        var findings: [PartitionFinding] = []
        do {
            // The bytes first: a file that does not decompress still has a size and a digest.
            let size = try fileSystem.status(of: path)?.byteCount ?? 0
            if size != file.bytes {
                let message = "\(size) bytes instead of \(file.bytes)"
                findings.append(PartitionFinding(.wrongSize, path, message))
            }
            let sha256 = try FileInspection.sha256(of: path, fileSystem: fileSystem)
            if sha256 != file.sha256 {
                let message = "SHA-256 \(sha256) instead of \(file.sha256)"
                findings.append(PartitionFinding(.wrongSHA256, path, message))
            }
            guard counter != nil else { return findings }
            let found = try FileInspection(
                of: path, counter: counter, checksData: false, fileSystem: fileSystem)
            findings += rowFindings(found.rowCount, file.rows, path)
        } catch {
            findings.append(PartitionFinding(.unreadableFile, path, error.message))
        }
        return findings
    }

    private func rejectsFindings(
        _ manifest: Manifest, in directory: String, _ names: [String]
    ) -> [PartitionFinding] {
        guard let name = manifest.rejectsFile else { return [] }
        let path = directory + "/" + name
        guard names.contains(name) else {
            return [PartitionFinding(.missingFile, path, "the manifest names it, it is not there")]
        }
        do {
            let found = try FileInspection(
                of: path, counter: LineCounter(), checksData: false, fileSystem: fileSystem)
            return rowFindings(found.rowCount, manifest.rejects, path)
        } catch {
            return [PartitionFinding(.unreadableFile, path, error.message)]
        }
    }

    private func rowFindings(_ found: Int?, _ expected: Int, _ path: String) -> [PartitionFinding] {
        guard let found else {
            return [PartitionFinding(.unreadableFile, path, "the file ends within a row")]
        }
        guard found != expected else { return [] }
        let message = "\(found) rows instead of \(expected)"
        return [PartitionFinding(.wrongRowCount, path, message)]
    }

    private func totalsFindings(
        _ manifest: Manifest, in directory: String, _ names: [String]
    ) -> [PartitionFinding] {
        var findings: [PartitionFinding] = []
        let sum = manifest.files.reduce(0) { $0 &+ $1.rows }
        if sum != manifest.rows {
            let message = "the manifest says \(manifest.rows) rows, its files have \(sum)"
            findings.append(PartitionFinding(.wrongRowCount, directory, message))
        }
        if !names.contains(Manifest.successName) {
            let path = directory + "/" + Manifest.successName
            findings.append(PartitionFinding(.missingSuccess, path, "it is not there"))
        }
        let known = Set(manifest.fileNames)
        for name in names where !known.contains(name) {
            findings.append(
                PartitionFinding(
                    .unexpectedFile, directory + "/" + name, "the manifest does not name it"))
        }
        return findings
    }
}
