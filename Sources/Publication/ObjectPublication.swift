import ExportModel
import FileSystem
import ObjectStorage

/// One version of a partition on its way to an object store.
///
/// Parts have stable names, so that each is written by one PUT over the one that stands; **the PUT
/// of `_manifest.json` is the commit**, since it names the version of each part (`etag`). What a
/// killed run leaves: new rejects or parts beside the old manifest, which the next run overwrites or
/// finds to be its own; or, after the commit, things that the manifest does not name.
struct ObjectPublication {
    /// What one PUT takes.
    static let maximumByteCount = 5 << 30

    let known: KnownStore
    /// nil where the store honors no condition.
    let lease: StoreLease?
    let pipeline: String
    let manifest: Manifest
    let staging: Staging
    /// Relative to the store.
    let directory: String
    let files: Files<PartitionError>

    /// See ``PartitionStore/publish(_:from:at:rewriting:)``.
    func publish(rewriting: Bool) throws(PartitionError) -> StandingVersion {
        for file in manifest.files where file.bytes > Self.maximumByteCount {
            throw PartitionError(
                ObjectStorageError(
                    .tooLarge,
                    "\(directory)/\(file.path) has \(file.bytes) bytes, and one PUT stores at most "
                        + "5 GiB; cut the windows smaller (`windows: {every: hour}`) or lower "
                        + "`output.part_bytes`"))
        }
        do {
            return try attempt(rewriting: rewriting)
        } catch {
            // Whoever holds the lease may look again what the other left.
            guard error.reason == .conflict, let lease else { throw error }
            try lease.confirm()
            return try attempt(rewriting: rewriting)
        }
    }

    private func attempt(rewriting: Bool) throws(PartitionError) -> StandingVersion {
        let standing = try StandingObjects(in: directory, of: known)
        if let other = standing.manifest?.pipeline, other != pipeline {
            throw PartitionError(
                .conflict,
                "\(place) is published by pipeline '\(other)', and pipeline '\(pipeline)' would "
                    + "overwrite it; give this one another output.path or stream name")
        }
        if !rewriting, let found = standing.manifest, found.hasSameContent(as: manifest),
            standing.hold(found)
        {
            try storeRejects(over: standing)
            try settle(found, standing)
            return StandingVersion(manifest: found, way: nil)
        }
        try storeRejects(over: standing)
        if !manifest.complete { try remove(Manifest.successName, of: standing) }
        var committed = manifest
        for index in committed.files.indices {
            let stored = try store(committed.files[index], over: standing)
            committed.files[index].etag = stored.etag.text
            committed.files[index].versionID = stored.versionID
        }
        _ = try put(.bytes(committed.json), Manifest.fileName, standing.manifestETag)
        let after = try StandingObjects(listing: directory, in: known)
        guard after.hold(committed) else {
            throw conflict("a part of it was overwritten while it was published")
        }
        try settle(committed, after)
        return StandingVersion(
            manifest: committed, way: standing.manifestETag == nil ? .first : .committed)
    }

    /// What follows the commit.
    private func settle(
        _ committed: Manifest, _ standing: StandingObjects
    ) throws(PartitionError) {
        if committed.complete, standing.objects[Manifest.successName] == nil {
            _ = try put(.bytes([]), Manifest.successName, nil)
        }
        for name in standing.strays(beside: committed) { try remove(name, of: standing) }
    }

    private func remove(_ name: String, of standing: StandingObjects) throws(PartitionError) {
        guard standing.objects[name] != nil else { return }
        try lease?.check()
        try asking(try known.store.delete("\(directory)/\(name)"))
    }

    private func storeRejects(over standing: StandingObjects) throws(PartitionError) {
        guard let name = manifest.rejectsFile else { return }
        let found = try StoredFile("\(staging.directory)/\(name)", files).digest()
        _ = try store(
            ManifestFile(
                path: name, rows: 0, bytes: found.byteCount, uncompressedBytes: 0,
                sha256: found.sha256), over: standing)
    }

    /// Stores a staged file, unless an earlier attempt has.
    private func store(
        _ file: ManifestFile, over standing: StandingObjects
    ) throws(PartitionError) -> ObjectStatus {
        let found = standing.objects[file.path]
        if found?.byteCount == file.bytes,
            let same = try asking(try known.store.head("\(directory)/\(file.path)")),
            same.sha256 == file.sha256, same.byteCount == file.bytes
        {
            return same
        }
        return try put(
            .file(
                path: "\(staging.directory)/\(file.path)", byteCount: file.bytes,
                sha256: file.sha256), file.path, found?.etag)
    }

    private func put(
        _ body: ObjectBody, _ name: String, _ standing: ETag?
    ) throws(PartitionError) -> ObjectStatus {
        try lease?.check()
        let key = "\(directory)/\(name)"
        guard let stored = try asking(try known.put(body, at: key, replacing: standing)) else {
            throw conflict("\(name) was written by somebody else meanwhile")
        }
        return stored
    }

    private var place: String { "\(known.store.uri)/\(directory)" }

    private func conflict(_ what: String) -> PartitionError {
        PartitionError(
            .conflict,
            "\(place): \(what); nothing of theirs was overwritten: find out who writes there, and "
                + "run again")
    }
}
