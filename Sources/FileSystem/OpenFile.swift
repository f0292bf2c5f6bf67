/// An open file as one target uses it, see ``DiskFile``.
public struct OpenFile<Failure: FileSystemFailure>: Sendable {
    public let file: any DiskFile

    /// See ``DiskFile/byteCount()``.
    public func byteCount() throws(Failure) -> Int {
        do { return try file.byteCount() } catch { throw Failure(error) }
    }

    /// See ``DiskFile/read(at:byteCount:)``.
    public func read(at offset: Int, byteCount: Int) throws(Failure) -> [UInt8] {
        do { return try file.read(at: offset, byteCount: byteCount) } catch { throw Failure(error) }
    }

    /// See ``DiskFile/write(_:at:)``.
    public func write(_ bytes: RawSpan, at offset: Int) throws(Failure) {
        do { try file.write(bytes, at: offset) } catch { throw Failure(error) }
    }

    /// Writes all of `bytes` at `offset`.
    public func write(_ bytes: [UInt8], at offset: Int) throws(Failure) {
        try write(bytes.span.bytes, at: offset)
    }

    /// See ``DiskFile/truncate(to:)``.
    public func truncate(to byteCount: Int) throws(Failure) {
        do { try file.truncate(to: byteCount) } catch { throw Failure(error) }
    }

    /// See ``DiskFile/sync(evictsCache:)``.
    public func sync(evictsCache: Bool = false) throws(Failure) {
        do { try file.sync(evictsCache: evictsCache) } catch { throw Failure(error) }
    }
}

/// Writes a file from its beginning. For one thread.
public final class FileWriter<Failure: FileSystemFailure> {
    private let file: OpenFile<Failure>
    public private(set) var byteCount = 0

    init(_ file: OpenFile<Failure>) {
        self.file = file
    }

    /// Appends all of `bytes`.
    public func append(_ bytes: [UInt8]) throws(Failure) {
        try file.write(bytes, at: byteCount)
        byteCount += bytes.count
    }

    /// See ``DiskFile/sync(evictsCache:)``.
    public func sync(evictsCache: Bool = false) throws(Failure) {
        try file.sync(evictsCache: evictsCache)
    }
}

/// Reads a file from its beginning. For one thread.
public final class FileReader<Failure: FileSystemFailure> {
    private static var maximumPieceByteCount: Int { 1 << 18 }

    private let file: OpenFile<Failure>
    private let pieceByteCount: Int
    private var offset = 0

    init(_ file: OpenFile<Failure>) throws(Failure) {
        self.file = file
        // Most files are manifests: a large piece would be mapped and unmapped for each.
        pieceByteCount = min(max(try file.byteCount(), 1 << 12), Self.maximumPieceByteCount)
    }

    /// The next bytes, at most 256 KiB; nil at the end.
    public func next() throws(Failure) -> [UInt8]? {
        let piece = try file.read(at: offset, byteCount: pieceByteCount)
        offset += piece.count
        return piece.isEmpty ? nil : piece
    }
}
