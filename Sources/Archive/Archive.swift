import BoundedDispatch
import Compression
public import FileSystem

/// What the provider sent for verified account windows, in `<state>/archive/<stream>/`.
///
/// A window's slices lie in append-only segments that all its accounts share:
///
///     segment  = header block…                       <window>.<pipeline>.<number>.segment, 0600
///     block    = frame (48 bytes) index payload      each with its checksum; about 512 KiB, or one slice
///     index    = versions, and for each slice its version, place and byte count
///     payload  = slices (what was asked for, counts, bodies), one zstd frame
///
/// Only one process may use a state directory for writing. Any thread may call.
public final class Archive: Sendable {
    private struct Weak {
        weak var archive: WindowArchive?
    }

    private struct State {
        var directories: [String: SegmentDirectory] = [:]
        var windows: [WindowName: Weak] = [:]
    }

    /// `<state>/archive`
    public let path: String
    private let pipeline: String
    private let files: Files<ArchiveError>
    private let coder = BlockCoder()
    private let state = Guarded(State())

    /// - Parameters:
    ///   - state: path of the state directory.
    ///   - pipeline: whose windows these are; several may share a state directory.
    public init(
        _ state: String, pipeline: String, fileSystem: any Disk = SystemDisk()
    ) {
        path = state + "/archive"
        self.pipeline = pipeline
        files = Files(fileSystem)
    }

    /// The archive of one window: the same object for all who use it at the same time.
    ///
    /// Opening reads what the blocks say of themselves, not the slices, and writes nothing. Damage
    /// is no error, see ``WindowArchive/notices``.
    public func window(stream: String, key: String) throws(ArchiveError) -> WindowArchive {
        let name = WindowName(pipeline: pipeline, stream: stream, key: key)
        let directory = directory(of: stream)
        return try state.withLock { state throws(ArchiveError) in
            if let known = state.windows[name]?.archive { return known }
            let opened = try WindowArchive(name, directory, coder)
            if state.windows.count >= 64 {
                state.windows = state.windows.filter { $0.value.archive != nil }
            }
            state.windows[name] = Weak(archive: opened)
            return opened
        }
    }

    /// The windows of which anything is archived, by stream and key.
    ///
    /// - Parameter stream: only this one; nil: all that have a directory.
    public func windows(
        stream: String? = nil
    ) throws(ArchiveError) -> [(stream: String, key: String)] {
        var found: Set<WindowName> = []
        let streams = if let stream { [stream] } else { try streams() }
        for stream in streams {
            let directory = directory(of: stream)
            for name in try directory.allNames() {
                if let window = try directory.window(of: name), window.pipeline == pipeline,
                    window.stream == stream
                {
                    found.insert(window)
                }
            }
        }
        return found.sorted().map { ($0.stream, $0.key) }
    }

    private func streams() throws(ArchiveError) -> [String] {
        guard try files.status(of: path) != nil else { return [] }
        return try files.names(in: path).compactMap(WindowName.stream(ofDirectory:))
    }

    private func directory(of stream: String) -> SegmentDirectory {
        state.withLock { state in
            if let known = state.directories[stream] { return known }
            let directory = SegmentDirectory(
                path + "/" + WindowName.directory(ofStream: stream), stream: stream, files)
            state.directories[stream] = directory
            return directory
        }
    }
}
