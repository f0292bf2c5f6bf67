import Compression
import FileSystem

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

    private let file: OpenFile<LedgerError>
    private let rowBytesEnd: Int
    private var offset = 0
    private var buffer: [UInt8] = []
    private var place = 0

    /// - Parameter version: what the rows must belong to; nil: to anything.
    /// - Returns: nil where there is no file, or none of that version, or it is not whole.
    init?(
        _ path: String, of version: RowVersion?, files: Files<LedgerError>
    ) throws(LedgerError) {
        guard let file = try files.open(path, .read) else { return nil }
        self.file = file
        rowBytesEnd = try file.byteCount() - Self.tailByteCount
        guard rowBytesEnd >= 0, rowBytesEnd % RowDigestFile.rowByteCount == 0 else { return nil }
        let tail = try file.read(at: rowBytesEnd, byteCount: Self.tailByteCount)
        let rowCount = UInt64(rowBytesEnd / RowDigestFile.rowByteCount)
        guard Self.word(tail, at: 0) == RowDigestFile.magic, Self.word(tail, at: 8) == rowCount,
            version.map({ Array(tail[16..<16 + RowVersion.byteCount]) == $0.bytes }) ?? true,
            try checksum() == Self.word(tail, at: Self.tailByteCount - 8)
        else { return nil }
    }

    /// The next row; nil after the last.
    func next() throws(LedgerError) -> Row? {
        if place == buffer.count {
            guard offset < rowBytesEnd else { return nil }
            let end = min(offset + Self.readByteCount, rowBytesEnd)
            buffer = try file.read(at: offset, byteCount: end - offset)
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
            let count = min(Self.readByteCount, end - start)
            checksum.update(try file.read(at: start, byteCount: count))
        }
        return UInt64(checksum.value)
    }

    private static func word(_ bytes: [UInt8], at offset: Int) -> UInt64 {
        bytes.withUnsafeBytes {
            UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
    }
}
