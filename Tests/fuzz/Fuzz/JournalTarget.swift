import ExportModel

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
        guard let reader = try? JournalReader(path: "j", files: OneFile(bytes: bytes)) else {
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

/// A file system that holds one file and takes no changes.
private struct OneFile: JournalFileSystem {
    let bytes: [UInt8]

    func exists(_ path: String) -> Bool { true }
    func isReadable(_ directory: String) -> Bool { true }
    func open(_ path: String, creating: Bool) throws(LedgerError) -> Int32? { 3 }
    func byteCount(of descriptor: Int32) throws(LedgerError) -> Int { bytes.count }
    func read(
        _ descriptor: Int32, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(LedgerError) {
        precondition(offset >= 0 && offset + buffer.count <= bytes.count, "read past the end")
        buffer.copyBytes(from: bytes[offset..<offset + buffer.count])
    }
    func write(
        _ descriptor: Int32, at offset: Int, _ bytes: UnsafeRawBufferPointer
    ) throws(LedgerError) {}
    func truncate(_ descriptor: Int32, to byteCount: Int) throws(LedgerError) {}
    func synchronize(_ descriptor: Int32) throws(LedgerError) {}
    func close(_ descriptor: Int32) {}
    func rename(_ path: String, to newPath: String) throws(LedgerError) {}
    func remove(_ path: String) throws(LedgerError) {}
    func makeDirectory(_ path: String, isPrivate: Bool) throws(LedgerError) {}
    func synchronizeDirectory(_ path: String) throws(LedgerError) {}
    func names(in directory: String) throws(LedgerError) -> [String] { [] }
}
