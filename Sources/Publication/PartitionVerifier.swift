public import FileSystem

/// Re-reads published partitions and compares them with their manifests.
public struct PartitionVerifier: Sendable {
    /// Directories below the root that are searched: stream, account, and the window's.
    private static let maximumDepth = 6

    private let files: Files<PartitionError>

    public init(disk: any Disk = SystemDisk()) {
        files = Files(disk)
    }

    /// Everything in a partition's directory that is not as its manifest says; empty if all is.
    ///
    /// Every file is read from end to end. What has the SHA-256 of the manifest holds the rows that
    /// were written, so that only rejects, which have none there, are counted.
    public func findings(in directory: String) -> [PartitionFinding] {
        let manifest: Manifest
        let names: [String]
        do {
            guard try files.status(of: directory + "/" + Manifest.fileName) != nil else {
                let message = "there is no manifest, so nothing says whether it is complete"
                return [PartitionFinding(.missingManifest, directory, message)]
            }
            manifest = try self.manifest(in: directory)
            names = try files.names(in: directory)
        } catch {
            return [PartitionFinding(.unreadableManifest, directory, error.message)]
        }
        var findings: [PartitionFinding] = []
        for file in manifest.files {
            findings += self.findings(of: file, in: directory, names)
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
        return try Manifest(json: files.contents(of: path), path: path)
    }

    /// Directories of all partitions below an export's root, also of those that lost their
    /// manifest: every directory below `<stream>/cdrx_account=…`, `<stream>/dt=…` and the like that
    /// holds a file. In path order.
    public func partitions(under root: String) throws(PartitionError) -> [String] {
        var found: [String] = []
        for stream in try directories(in: root) {
            for name in try directories(in: root + "/" + stream)
            where PartitionLocation.keys.contains(where: name.hasPrefix) {
                try collect(root + "/" + stream + "/" + name, depth: 0, into: &found)
            }
        }
        return found
    }

    private func collect(
        _ path: String, depth: Int, into found: inout [String]
    ) throws(PartitionError) {
        guard depth < Self.maximumDepth else { return }
        let children = try directories(in: path)
        if try files.names(in: path).count > children.count { found.append(path) }
        for child in children { try collect(path + "/" + child, depth: depth + 1, into: &found) }
    }

    /// Names of the directories in a directory, without `_staging`, `_runs` and `_state`.
    private func directories(in path: String) throws(PartitionError) -> [String] {
        var found: [String] = []
        for name in try files.names(in: path) where !name.hasPrefix("_") && !name.hasPrefix(".") {
            if try files.status(of: path + "/" + name)?.isDirectory == true {
                found.append(name)
            }
        }
        return found
    }

    private func findings(
        of file: ManifestFile, in directory: String, _ names: [String]
    ) -> [PartitionFinding] {
        let path = directory + "/" + file.path
        guard names.contains(file.path) else {
            return [PartitionFinding(.missingFile, path, "the manifest names it, it is not there")]
        }
        var findings: [PartitionFinding] = []
        do {
            guard try files.status(of: path)?.kind != .other else {
                let error = FileSystemError.irregular(path)
                return [PartitionFinding(.unexpectedKind, path, error.message)]
            }
            let found = try StoredFile(path, files).digest()
            if found.byteCount != file.bytes {
                let message = "\(found.byteCount) bytes instead of \(file.bytes)"
                findings.append(PartitionFinding(.wrongSize, path, message))
            }
            if found.sha256 != file.sha256 {
                let message = "SHA-256 \(found.sha256) instead of \(file.sha256)"
                findings.append(PartitionFinding(.wrongSHA256, path, message))
            }
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
            guard try files.status(of: path)?.kind != .other else {
                let error = FileSystemError.irregular(path)
                return [PartitionFinding(.unexpectedKind, path, error.message)]
            }
            var count = 0
            try StoredFile(path, files).readGzip { piece in
                for byte in piece where byte == UInt8(ascii: "\n") { count += 1 }
            }
            guard count != manifest.rejects else { return [] }
            let message = "\(count) records instead of \(manifest.rejects)"
            return [PartitionFinding(.wrongRowCount, path, message)]
        } catch {
            return [PartitionFinding(.unreadableFile, path, error.message)]
        }
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
        let accounts = manifest.accounts.reduce((rows: 0, rejects: 0)) {
            ($0.rows &+ $1.rows, $0.rejects &+ $1.rejects)
        }
        if accounts != (manifest.rows, manifest.rejects) {
            let message =
                "the manifest says \(manifest.rows) rows and \(manifest.rejects) rejects, its "
                + "accounts have \(accounts.rows) and \(accounts.rejects)"
            findings.append(PartitionFinding(.wrongRowCount, directory, message))
        }
        if manifest.complete, !names.contains(Manifest.successName) {
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
