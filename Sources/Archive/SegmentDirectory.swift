import BoundedDispatch
import FileSystem

/// The files of one stream's archive. Listed once, and kept in mind from then on: nobody else
/// changes them while a run holds the state directory.
final class SegmentDirectory: Sendable {
    let path: String
    private let stream: String
    let files: Files<ArchiveError>
    /// Names by ``WindowName/filePrefix``; nil before they were listed.
    private let names = Guarded<[String: Set<String>]?>(nil)
    /// Whether this process made the directory, or made sure of its name.
    private let isDurable = Guarded(false)

    init(_ path: String, stream: String, _ files: Files<ArchiveError>) {
        self.path = path
        self.stream = stream
        self.files = files
    }

    /// Sorted.
    func names(of window: WindowName) throws(ArchiveError) -> [String] {
        try names.withLock { names throws(ArchiveError) in
            try list(&names)[window.filePrefix, default: []].sorted()
        }
    }

    /// All names, in any order.
    func allNames() throws(ArchiveError) -> [String] {
        try names.withLock { names throws(ArchiveError) in try list(&names).values.flatMap { $0 } }
    }

    /// The window that a file is a segment of; nil for any other file.
    func window(of name: String) throws(ArchiveError) -> WindowName? {
        if let parts = WindowName.parts(ofFile: name) {
            return WindowName(pipeline: parts.pipeline, stream: stream, key: parts.key)
        }
        // The name is cut: the header has the whole.
        guard name.hasSuffix(WindowName.suffix), let file = try open(name) else { return nil }
        return try SegmentHeader(file)?.window
    }

    /// nil where there is no such file.
    func open(_ name: String) throws(ArchiveError) -> OpenFile<ArchiveError>? {
        try files.open(path + "/" + name, .read)
    }

    /// Makes an empty file; its name is not durable yet.
    func make(_ name: String) throws(ArchiveError) -> OpenFile<ArchiveError> {
        try isDurable.withLock { isDurable throws(ArchiveError) in
            if isDurable { return }
            try files.makeDurableDirectory(Files<ArchiveError>.parent(of: path), isPrivate: true)
            try files.makeDurableDirectory(path, isPrivate: true)
            isDurable = true
        }
        guard let file = try files.open(path + "/" + name, .updateOrCreate(isPrivate: true)) else {
            throw ArchiveError(code: .archiveFailed, message: "\(path)/\(name) cannot be made")
        }
        // Where an earlier attempt to make it failed, or was killed.
        if try file.byteCount() > 0 { try file.truncate(to: 0) }
        note(name, isThere: true)
        return file
    }

    func remove(_ name: String) throws(ArchiveError) {
        try files.remove(path + "/" + name)
        note(name, isThere: false)
    }

    func rename(_ name: String, to newName: String) throws(ArchiveError) {
        try files.rename(path + "/" + name, to: path + "/" + newName)
        note(name, isThere: false)
        note(newName, isThere: true)
    }

    func sync() throws(ArchiveError) {
        try files.syncDirectory(path)
    }

    private func note(_ name: String, isThere: Bool) {
        names.withLock { names in
            let prefix = Self.prefix(of: name)
            if isThere {
                names?[prefix, default: []].insert(name)
            } else {
                names?[prefix]?.remove(name)
            }
        }
    }

    private func list(
        _ names: inout [String: Set<String>]?
    ) throws(ArchiveError) -> [String: Set<String>] {
        if let names { return names }
        var found: [String: Set<String>] = [:]
        if try files.status(of: path) != nil {
            for name in try files.names(in: path) {
                found[Self.prefix(of: name), default: []].insert(name)
            }
        }
        names = found
        return found
    }

    /// The first two parts of a name, which are ``WindowName/filePrefix``.
    private static func prefix(of name: String) -> String {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.prefix(2).joined(separator: ".") + "."
    }
}
