import ExportModel
import FileSystem

/// The version of a partition that readers see now, compared with one that may replace it.
struct CurrentVersion {
    let directory: String
    let files: Files<PartitionError>

    /// The standing manifest, if it has the content of `manifest` and the directory holds exactly
    /// the files it names, byte for byte.
    ///
    /// nil also where the standing version cannot be read: it is to be replaced then.
    func manifest(equalTo manifest: Manifest) -> Manifest? {
        do {
            let path = directory + "/" + Manifest.fileName
            guard try files.status(of: path) != nil else { return nil }
            let found = try Manifest(json: files.contents(of: path), path: path)
            guard found.hasSameContent(as: manifest), try hasExactlyTheFiles(of: found),
                try hasTheRejects(of: found)
            else { return nil }
            return found
        } catch {
            return nil
        }
    }

    private func hasExactlyTheFiles(of manifest: Manifest) throws(PartitionError) -> Bool {
        guard try files.names(in: directory) == manifest.fileNames else { return false }
        for file in manifest.files {
            let path = directory + "/" + file.path
            guard try files.status(of: path)?.byteCount == file.bytes,
                try StoredFile(path, files).digest().sha256 == file.sha256
            else { return false }
        }
        return true
    }

    /// The manifest has no digest of the rejects file; the content's shows whether it is whole.
    private func hasTheRejects(of manifest: Manifest) throws(PartitionError) -> Bool {
        guard manifest.rejectsFile != nil else { return true }
        let lines = try RejectsFile(disk: files.disk).lines(in: directory)
        return lines.count == manifest.rejects
            && PartitionContent.sha256(
                accounts: manifest.accounts,
                rejectDigests: lines.map(PartitionContent.digest(ofReject:)))
                == manifest.contentSHA256
    }
}

extension Manifest {
    /// Empty; its presence says that every account of the partition is in it.
    static let successName = "_SUCCESS"
    /// Name of the file of rejects, which is there only if there are any.
    public static let rejectsName = "_rejects.ndjson.gz"

    /// Names of everything in the partition's directory, sorted.
    var fileNames: [String] {
        var names = files.map(\.path) + [Self.fileName]
        if complete { names.append(Self.successName) }
        if let rejectsFile { names.append(rejectsFile) }
        return names.sorted()
    }
}
