import ExportModel
import FileSystem

@testable import Archive
@testable import Compression

/// Segments as a crash or a failing disk left them: what is read was appended, or is reported.
enum ArchiveTarget {
    private static let name = WindowName(pipeline: "p", stream: "s", key: "k")
    private static let header = SegmentHeader(window: name, number: 1)

    static func run(_ bytes: [UInt8]) {
        read(bytes)
        // Checksums would keep nearly every input out of index and payload, so here they are right.
        read(framed(bytes))
    }

    private static func read(_ bytes: [UInt8]) {
        let disk = OneSegment(name: name.fileName(number: 1), bytes: bytes)
        let archive = Archive("/", pipeline: "p", fileSystem: disk)
        guard let window = try? archive.window(stream: "s", key: "k") else {
            preconditionFailure("damage is no error")
        }
        for account in window.accounts {
            for version in window.versions(of: account) {
                guard let reader = try? window.makeReader(of: version) else {
                    preconditionFailure("a listed version has a reader")
                }
                var count = 0
                while let slice = try? reader.next() {
                    count += 1
                    let record = SliceRecord.head(of: slice) + slice.pages.flatMap(\.body)
                    precondition(SliceRecord.slice(record[...]) == slice, "a slice changed")
                }
                precondition(
                    count == version.sliceCount || window.version(version.id) == nil,
                    "a version is listed that cannot be read")
            }
        }
        guard (try? window.verify()) != nil else { preconditionFailure("damage is no error") }
    }

    /// The header, then the input as blocks. The first byte of each says how long its index is, the
    /// second how long its payload; every other payload passes for a compressed one.
    private static func framed(_ bytes: [UInt8]) -> [UInt8] {
        var file = header.bytes
        var rest = bytes[...]
        while rest.count > 2 {
            let (indexCount, payloadCount) = (Int(rest.removeFirst()), Int(rest.removeFirst()))
            let index = Array(rest.prefix(indexCount))
            rest = rest.dropFirst(indexCount)
            let payload = Array(rest.prefix(payloadCount))
            rest = rest.dropFirst(payloadCount)
            // The payload's length must be what the index says.
            let byteCount = BlockIndex(index)?.payloadByteCount ?? payload.count
            let frame = BlockFrame(
                index: part(index, index.count), payload: part(payload, byteCount),
                durableEnd: file.count)
            file += frame.bytes(at: file.count, seed: header.seed) + index + payload
        }
        return file
    }

    private static func part(_ bytes: [UInt8], _ byteCount: Int) -> BlockFrame.Part {
        BlockFrame.Part(
            storedByteCount: bytes.count, byteCount: byteCount, checksum: CRC32C.of(bytes))
    }
}

/// A disk that holds one segment and takes no changes.
private final class OneSegment: Disk, DiskFile {
    private let name: String
    private let bytes: [UInt8]

    init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    func open(_ path: String, _ mode: OpenMode) throws(FileSystemError) -> (any DiskFile)? { self }
    func status(of path: String) throws(FileSystemError) -> FileStatus? {
        FileStatus(kind: path.hasSuffix(name) ? .file : .directory, byteCount: bytes.count)
    }
    func names(in directory: String) throws(FileSystemError) -> [String] { [name] }
    func makeDirectory(_ path: String, isPrivate: Bool) throws(FileSystemError) {}
    func syncDirectory(_ path: String) throws(FileSystemError) {}
    func rename(_ path: String, to target: String) throws(FileSystemError) {}
    func exchange(_ first: String, _ second: String) throws(FileSystemError) {}
    func remove(_ path: String) throws(FileSystemError) {}

    func byteCount() throws(FileSystemError) -> Int { bytes.count }
    func read(at offset: Int, byteCount: Int) throws(FileSystemError) -> [UInt8] {
        precondition(offset >= 0 && byteCount >= 0)
        return Array(bytes.dropFirst(offset).prefix(byteCount))
    }
    func write(_ bytes: RawSpan, at offset: Int) throws(FileSystemError) {}
    func truncate(to byteCount: Int) throws(FileSystemError) {}
    func sync(evictsCache: Bool) throws(FileSystemError) {}
}
