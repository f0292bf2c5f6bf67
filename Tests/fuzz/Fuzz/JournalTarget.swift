import Compression
import ExportModel
import FileSystem

@testable import RunLedger

/// Journals as a crash or a failing disk left them: what is read was appended, or it ends there.
enum JournalTarget {
    static func run(_ bytes: [UInt8]) {
        if let (reader, count) = read(bytes) {
            precondition(count == reader.sliceCount, "a checked slice could not be read")
        }
        // Checksums would keep nearly every input out of the records, so here they are right.
        _ = read(framed(bytes))
    }

    private static func read(_ bytes: [UInt8]) -> (JournalReader, sliceCount: Int)? {
        guard let reader = try? JournalReader(path: "j", disk: OneFile(bytes: bytes)) else {
            return nil
        }
        var count = 0
        while let slice = try? reader.next() {
            count += 1
            precondition(slice.pages.allSatisfy { $0.body.count <= bytes.count })
        }
        return (reader, count)
    }

    /// A header, then the input as records; each takes its length from its first byte.
    private static func framed(_ bytes: [UInt8]) -> [UInt8] {
        let identity = WindowIdentity(pipeline: "p", stream: "s", account: "a", window: "w")
        var file: [UInt8] = []
        append(JournalHeader(fingerprint: "f", identity: identity).bytes, to: &file)
        var rest = bytes[...]
        while let length = rest.popFirst() {
            append(Array(rest.prefix(Int(length) * 4)), to: &file)
            rest = rest.dropFirst(Int(length) * 4)
        }
        return file
    }

    private static func append(_ record: [UInt8], to file: inout [UInt8]) {
        var checksum = CRC32C()
        checksum.update(record)
        let frame = JournalFrame(
            recordByteCount: record.count, recordChecksum: checksum.value)
        file += frame.bytes(at: file.count) + record
    }
}

/// A disk that holds one file and takes no changes.
private final class OneFile: Disk, DiskFile {
    private let bytes: [UInt8]

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    func open(_ path: String, _ mode: OpenMode) -> (any DiskFile)? { self }
    func byteCount() -> Int { bytes.count }
    func read(at offset: Int, byteCount: Int) -> [UInt8] {
        precondition(offset >= 0 && offset + byteCount <= bytes.count, "read past the end")
        return Array(bytes[offset..<offset + byteCount])
    }
    func status(of path: String) -> FileStatus? { nil }
    func names(in directory: String) -> [String] { [] }
    func write(_ bytes: RawSpan, at offset: Int) {}
    func truncate(to byteCount: Int) {}
    func sync(evictsCache: Bool) {}
    func syncDirectory(_ path: String) {}
    func makeDirectory(_ path: String, isPrivate: Bool) {}
    func rename(_ path: String, to target: String) {}
    func exchange(_ first: String, _ second: String) {}
    func remove(_ path: String) {}
}
