import ExportModel
public import FileSystem

/// Compares published partitions with their manifests.
///
/// On a file system every file is read from end to end: what has the SHA-256 of the manifest holds
/// the rows that were written, so that only rejects, which have none there, are counted. In an
/// object store size and ETag of a listing say the same of an object, unless it is asked for more.
public struct PartitionVerifier: Sendable {
    let output: any PublishedOutput
    /// Whether every byte is read.
    private let isDeep: Bool

    /// - Parameter isDeep: whether objects are read although their ETags are known.
    public init(_ output: any PublishedOutput, isDeep: Bool = false) {
        self.output = output
        self.isDeep = isDeep || !output.listsETags
    }

    /// Of partitions that are named by their paths on a disk.
    public init(disk: any Disk = SystemDisk()) {
        self.init(DirectoryOutput(root: "", disk: disk))
    }

    /// Everything in a partition's directory that is not as its manifest says; empty if all is.
    public func findings(in directory: String) -> [PartitionFinding] {
        do {
            return try examine(at: directory).findings
        } catch {
            return [
                PartitionFinding(.unreadableManifest, output.name(of: directory), error.message)
            ]
        }
    }

    /// The manifest of the partition in a directory.
    ///
    /// - Throws: ``PartitionError/Code/manifestUnreadable``, or storage errors.
    public func manifest(in directory: String) throws(PartitionError) -> Manifest {
        try output.manifest(in: directory)
    }

    /// Directories of all partitions below an export's root, also of those that lost their
    /// manifest.
    public func partitions(under root: String) throws(PartitionError) -> [String] {
        var found: [String] = []
        try output.forEachPartition(below: root) { found.append($0.path) }
        return found
    }

    /// ``examine(_:)`` of the partition in a directory, which is listed first.
    public func examine(
        at path: String
    ) throws(PartitionError) -> (manifest: Manifest?, findings: [PartitionFinding]) {
        examine(
            try output.directory(at: path) ?? PublishedDirectory(path: path))
    }

    /// A partition's manifest and everything that is not as it says.
    ///
    /// - Returns: no manifest where it cannot be read, which is a finding.
    public func examine(
        _ directory: PublishedDirectory
    ) -> (manifest: Manifest?, findings: [PartitionFinding]) {
        let name = output.name(of: directory.path)
        guard directory.entries[Manifest.fileName] != nil else {
            let message = "there is no manifest, so nothing says whether it is complete"
            return (nil, [PartitionFinding(.missingManifest, name, message)])
        }
        let manifest: Manifest
        do {
            manifest = try output.manifest(in: directory.path)
        } catch {
            return (nil, [PartitionFinding(.unreadableManifest, name, error.message)])
        }
        var findings = manifest.files.flatMap { self.findings(of: $0, in: directory) }
        findings += rejectsFindings(manifest, in: directory)
        findings += totalsFindings(manifest, in: directory)
        return (manifest, findings)
    }

    private func findings(
        of file: ManifestFile, in directory: PublishedDirectory
    ) -> [PartitionFinding] {
        let path = Self.path(file.path, in: directory)
        let name = output.name(of: path)
        guard let entry = directory.entries[file.path] else {
            return [PartitionFinding(.missingFile, name, "the manifest names it, it is not there")]
        }
        var findings: [PartitionFinding] = []
        if let found = entry.byteCount, found != file.bytes {
            let message = "\(found) bytes instead of \(file.bytes)"
            findings.append(PartitionFinding(.wrongSize, name, message))
        }
        if let found = entry.etag, let expected = file.etag, found != expected {
            let message = "ETag \(found) instead of \(expected): it was written again"
            findings.append(PartitionFinding(.wrongETag, name, message))
        }
        // A manifest that was copied from a directory has no ETags.
        guard isDeep || file.etag == nil else { return findings }
        do {
            guard try !output.isIrregular(path) else {
                let error = FileSystemError.irregular(name)
                return [PartitionFinding(.unexpectedKind, name, error.message)]
            }
            let digest = ContentDigest()
            try output.read(path) { digest.append($0) }
            if entry.byteCount == nil, digest.byteCount != file.bytes {
                let message = "\(digest.byteCount) bytes instead of \(file.bytes)"
                findings.append(PartitionFinding(.wrongSize, name, message))
            }
            let found = digest.hexadecimal
            if found != file.sha256 {
                let message = "SHA-256 \(found) instead of \(file.sha256)"
                findings.append(PartitionFinding(.wrongSHA256, name, message))
            }
        } catch {
            findings.append(PartitionFinding(.unreadableFile, name, error.message))
        }
        return findings
    }

    private func rejectsFindings(
        _ manifest: Manifest, in directory: PublishedDirectory
    ) -> [PartitionFinding] {
        guard let file = manifest.rejectsFile else { return [] }
        let path = Self.path(file, in: directory)
        let name = output.name(of: path)
        guard directory.entries[file] != nil else {
            return [PartitionFinding(.missingFile, name, "the manifest names it, it is not there")]
        }
        do {
            guard try !output.isIrregular(path) else {
                let error = FileSystemError.irregular(name)
                return [PartitionFinding(.unexpectedKind, name, error.message)]
            }
            var count = 0
            try output.readGzip(path) { piece in
                for byte in piece where byte == UInt8(ascii: "\n") { count += 1 }
            }
            guard count != manifest.rejects else { return [] }
            let message = "\(count) records instead of \(manifest.rejects)"
            return [PartitionFinding(.wrongRowCount, name, message)]
        } catch {
            return [PartitionFinding(.unreadableFile, name, error.message)]
        }
    }

    private func totalsFindings(
        _ manifest: Manifest, in directory: PublishedDirectory
    ) -> [PartitionFinding] {
        var findings: [PartitionFinding] = []
        let name = output.name(of: directory.path)
        let sum = manifest.files.reduce(0) { $0 &+ $1.rows }
        if sum != manifest.rows {
            let message = "the manifest says \(manifest.rows) rows, its files have \(sum)"
            findings.append(PartitionFinding(.wrongRowCount, name, message))
        }
        let accounts = manifest.accounts.reduce((rows: 0, rejects: 0)) {
            ($0.rows &+ $1.rows, $0.rejects &+ $1.rejects)
        }
        if accounts != (manifest.rows, manifest.rejects) {
            let message =
                "the manifest says \(manifest.rows) rows and \(manifest.rejects) rejects, its "
                + "accounts have \(accounts.rows) and \(accounts.rejects)"
            findings.append(PartitionFinding(.wrongRowCount, name, message))
        }
        if manifest.complete, directory.entries[Manifest.successName] == nil {
            let path = name + "/" + Manifest.successName
            findings.append(PartitionFinding(.missingSuccess, path, "it is not there"))
        }
        let known = Set(manifest.fileNames)
        for entry in directory.names where !known.contains(entry) {
            findings.append(
                PartitionFinding(
                    .unexpectedFile, name + "/" + entry, "the manifest does not name it"))
        }
        return findings
    }

    private static func path(_ file: String, in directory: PublishedDirectory) -> String {
        directory.path.isEmpty ? file : directory.path + "/" + file
    }
}
