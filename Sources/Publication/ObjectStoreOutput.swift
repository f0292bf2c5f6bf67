public import ObjectStorage

/// An output in an object store: its directories are what keys have before their last `/`.
public struct ObjectStoreOutput: PublishedOutput {
    /// Bytes of a manifest at most, as on a file system.
    static let manifestByteLimit = 1 << 26

    public var name: String { store.uri }
    public var laneCount: Int { 16 }
    public var listsETags: Bool { true }
    private let store: any ObjectStore

    public init(_ store: any ObjectStore) {
        self.store = store
    }

    /// A directory comes once the list is past it, so after those that lie in it.
    public func forEachPartition(
        below directory: String, _ body: (PublishedDirectory) throws(PartitionError) -> Void
    ) throws(PartitionError) {
        let prefix = directory.isEmpty ? "" : directory + "/"
        var open: [PublishedDirectory] = []
        try forEachObject(prefix) { object throws(PartitionError) in
            let (path, name) = Self.split(object.key)
            guard Self.isOfPartition(path.dropFirst(prefix.count)) else { return }
            while let last = open.last, !(path + "/").hasPrefix(last.path + "/") {
                try body(open.removeLast())
            }
            if open.last?.path.utf8.count != path.utf8.count {
                open.append(PublishedDirectory(path: String(path)))
            }
            open[open.count - 1].entries[name] = PublishedDirectory.Entry(object)
        }
        while let last = open.popLast() { try body(last) }
    }

    public func directory(at path: String) throws(PartitionError) -> PublishedDirectory? {
        let prefix = path.isEmpty ? "" : path + "/"
        var found = PublishedDirectory(path: path)
        try forEachObject(prefix, isFlat: false) { object in
            found.entries[Self.split(object.key).name] = PublishedDirectory.Entry(object)
        }
        return found.entries.isEmpty ? nil : found
    }

    /// One list of all objects: a request for each directory would be many more.
    public func standing(among directories: [String]) throws(PartitionError) -> Set<String> {
        guard !directories.isEmpty else { return [] }
        let asked = Set(directories)
        var found: Set<String> = []
        try forEachPartition(below: "") { directory in
            if asked.contains(directory.path) { found.insert(directory.path) }
        }
        return found
    }

    public func contents(of path: String) throws(PartitionError) -> [UInt8] {
        let found = try asking(
            try store.get(path, ifMatch: nil, maximumByteCount: Self.manifestByteLimit))
        guard let found else { throw missing(path) }
        return found.bytes
    }

    public func read(
        _ path: String, _ receive: (UnsafeRawBufferPointer) -> Void
    ) throws(PartitionError) {
        guard try asking(try store.read(path, receive)) != nil else { throw missing(path) }
    }

    public func isIrregular(_ path: String) -> Bool { false }

    private func missing(_ path: String) -> PartitionError {
        PartitionError(
            .storageMissing,
            "there is no object \(name(of: path)); check that nothing else deletes objects there, "
                + "and run again")
    }

    private func forEachObject(
        _ prefix: String, isFlat: Bool = true,
        _ body: (ObjectStatus) throws(PartitionError) -> Void
    ) throws(PartitionError) {
        var token: String?
        repeat {
            let page = try asking(try store.list(prefix, after: token, isFlat: isFlat))
            for object in page.objects { try body(object) }
            token = page.next
        } while token != nil
    }

    /// The key's directory, and its name there.
    private static func split(_ key: String) -> (directory: Substring, name: String) {
        guard let slash = key.lastIndex(of: "/") else { return ("", key) }
        return (key[..<slash], String(key[key.index(after: slash)...]))
    }

    /// Whether a directory is `<stream>/dt=…` or the like, or lies below one.
    private static func isOfPartition(_ path: Substring) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count > 1 && parts.allSatisfy { !$0.hasPrefix("_") && !$0.hasPrefix(".") }
            && PartitionLocation.keys.contains { parts[1].hasPrefix($0) }
    }
}

extension PublishedDirectory.Entry {
    fileprivate init(_ object: ObjectStatus) {
        self.init(byteCount: object.byteCount, etag: object.etag.text)
    }
}

extension PartitionError {
    /// Its ``code`` stays that of the store.
    public init(_ error: ObjectStorageError) {
        let reason: Code =
            switch error.reason {
            case .accessDenied, .credentials: .storageDenied
            default: .storageFailed
            }
        self.init(reason, error.message, cause: error)
    }
}

/// Runs a call of an object store.
@discardableResult
func asking<Value>(
    _ body: @autoclosure () throws(ObjectStorageError) -> Value
) throws(PartitionError) -> Value {
    do { return try body() } catch { throw PartitionError(error) }
}
