import ObjectStorage

/// What lies in the directory of a partition in a store.
struct StandingObjects {
    private let directory: String
    /// By name, without what lies in directories below.
    private(set) var objects: [String: ObjectStatus] = [:]
    /// nil where none stands, or none that can be read.
    private(set) var manifest: Manifest?
    /// Of `_manifest.json`, whatever it holds.
    private(set) var manifestETag: ETag?

    /// Looks at what lies there, without reading the manifest.
    init(listing directory: String, in known: KnownStore) throws(PartitionError) {
        self.directory = directory
        for object in try asking(try known.list(directory + "/", isFlat: false)) {
            objects[String(object.key.dropFirst(directory.utf8.count + 1))] = object
        }
    }

    /// Reads the manifest too.
    init(in directory: String, of known: KnownStore) throws(PartitionError) {
        try self.init(listing: directory, in: known)
        guard objects[Manifest.fileName] != nil else { return }
        let found = try Self.manifest(in: directory, of: known.store)
        manifestETag = found?.etag
        manifest = found?.manifest
    }

    /// The manifest of a directory; nil where there is none. Its content is nil where it cannot be
    /// read.
    static func manifest(
        in directory: String, of store: any ObjectStore
    ) throws(PartitionError) -> (manifest: Manifest?, etag: ETag)? {
        let key = "\(directory)/\(Manifest.fileName)"
        let object = try asking(
            try store.get(key, ifMatch: nil, maximumByteCount: ObjectStoreOutput.manifestByteLimit))
        guard let object else { return nil }
        do {
            return (try Manifest(json: object.bytes, path: directory), object.status.etag)
        } catch {
            return (nil, object.status.etag)
        }
    }

    /// Whether every part that a manifest names stands there in that version. A publication that
    /// ended half-way leaves parts of the next one.
    func hold(_ manifest: Manifest) -> Bool {
        manifest.files.allSatisfy { file in
            guard let object = objects[file.path] else { return false }
            return object.byteCount == file.bytes && object.etag.text == file.etag
        } && (manifest.rejectsFile.map { objects[$0] != nil } ?? true)
    }

    /// Names of what cdrx wrote there and a manifest does not name. What others put there is theirs.
    func strays(beside manifest: Manifest) -> [String] {
        let named = Set(manifest.fileNames)
        return objects.keys.sorted().filter { name in
            !named.contains(name)
                && (name.hasPrefix(PartitionLocation.partPrefix) || name == Manifest.rejectsName
                    || name == Manifest.successName)
        }
    }
}
