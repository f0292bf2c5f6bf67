import Compression

/// Reads the rows of a file that is whole.
final class RowDigestReader {
    /// A row's hashes.
    struct Row: Equatable {
        var key: UInt64
        var values: UInt64
    }

    private static let readByteCount = 1 << 18
    /// Magic, count, version, checksum.
    private static let tailByteCount = 8 + 8 + RowVersion.byteCount + 8

    private let fileSystem: any JournalFileSystem
    private let descriptor: Int32
    private let rowBytesEnd: Int
    private var offset = 0
    private var buffer: [UInt8] = []
    private var place = 0

    /// - Parameter version: what the rows must belong to; nil: to anything.
    /// - Returns: nil where there is no file, or none of that version, or it is not whole.
    init?(
        _ path: String, of version: RowVersion?, fileSystem: any JournalFileSystem
    ) throws(LedgerError) {
        guard let descriptor = try fileSystem.open(path, creating: false) else { return nil }
        self.fileSystem = fileSystem
        self.descriptor = descriptor
        rowBytesEnd = try fileSystem.byteCount(of: descriptor) - Self.tailByteCount
        guard rowBytesEnd >= 0, rowBytesEnd % RowDigestFile.rowByteCount == 0 else { return nil }
        let tail = try Self.bytes(
            descriptor, rowBytesEnd..<rowBytesEnd + Self.tailByteCount, fileSystem)
        let rowCount = UInt64(rowBytesEnd / RowDigestFile.rowByteCount)
        guard Self.word(tail, at: 0) == RowDigestFile.magic, Self.word(tail, at: 8) == rowCount,
            version.map({ Array(tail[16..<16 + RowVersion.byteCount]) == $0.bytes }) ?? true,
            try checksum() == Self.word(tail, at: Self.tailByteCount - 8)
        else { return nil }
    }

    deinit {
        fileSystem.close(descriptor)
    }

    /// The next row; nil after the last.
    func next() throws(LedgerError) -> Row? {
        if place == buffer.count {
            guard offset < rowBytesEnd else { return nil }
            let end = min(offset + Self.readByteCount, rowBytesEnd)
            buffer = try Self.bytes(descriptor, offset..<end, fileSystem)
            offset = end
            place = 0
        }
        defer { place += RowDigestFile.rowByteCount }
        return Row(key: Self.word(buffer, at: place), values: Self.word(buffer, at: place + 8))
    }

    private func checksum() throws(LedgerError) -> UInt64 {
        var checksum = CRC32C()
        let end = rowBytesEnd + Self.tailByteCount - 8
        for start in stride(from: 0, to: end, by: Self.readByteCount) {
            let range = start..<min(start + Self.readByteCount, end)
            checksum.update(try Self.bytes(descriptor, range, fileSystem))
        }
        return UInt64(checksum.value)
    }

    private static func bytes(
        _ descriptor: Int32, _ range: Range<Int>, _ fileSystem: any JournalFileSystem
    ) throws(LedgerError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: range.count)
        let result = bytes.withUnsafeMutableBytes { room in
            Result { () throws(LedgerError) in
                try fileSystem.read(descriptor, at: range.lowerBound, into: room)
            }
        }
        try result.get()
        return bytes
    }

    private static func word(_ bytes: [UInt8], at offset: Int) -> UInt64 {
        bytes.withUnsafeBytes {
            UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
    }
}
