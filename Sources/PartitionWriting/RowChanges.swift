/// How a new version of a partition differs from the one before, record by record.
public struct RowChanges: Hashable, Sendable {
    /// Records the version before did not have, in any form.
    public var late: Int
    /// Records that replaced another form of themselves.
    public var changed: Int
    /// Records that the new version does not have any more.
    public var gone: Int

    public init(late: Int, changed: Int, gone: Int) {
        self.late = late
        self.changed = changed
        self.gone = gone
    }

    /// Compares records by their text: as many as vanished were changed, the other new ones are
    /// late.
    ///
    /// - Parameters:
    ///   - old: digests of the version before, in any order.
    ///   - new: digests of the version that replaces it.
    init(old: [UInt64], new: [UInt64]) {
        let old = old.sorted()
        let new = new.sorted()
        var (oldIndex, newIndex, removed, added) = (0, 0, 0, 0)
        while oldIndex < old.count, newIndex < new.count {
            if old[oldIndex] == new[newIndex] {
                oldIndex += 1
                newIndex += 1
            } else if old[oldIndex] < new[newIndex] {
                oldIndex += 1
                removed += 1
            } else {
                newIndex += 1
                added += 1
            }
        }
        removed += old.count - oldIndex
        added += new.count - newIndex
        self.init(
            late: max(added - removed, 0), changed: min(added, removed),
            gone: max(removed - added, 0))
    }
}

/// Digests the records of a text part: lines, except where quotes hold a line break.
final class RecordDigester {
    private(set) var digests: [UInt64] = []
    private var digest = RecordDigester.empty
    private var isQuoted = false
    private let quotesLines: Bool

    private static let empty: UInt64 = 0xcbf2_9ce4_8422_2325

    /// - Parameter quotesLines: CSV's rule; in NDJSON every line break ends a record.
    init(quotesLines: Bool) {
        self.quotesLines = quotesLines
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes {
            if quotesLines, byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == UInt8(ascii: "\n"), !isQuoted {
                digests.append(digest)
                digest = Self.empty
            } else {
                // FNV-1a with 64 bits.
                digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3
            }
        }
    }
}

extension DirectoryStore {
    public func rowChanges(
        _ manifest: Manifest, staged staging: Staging, at location: PartitionLocation
    ) -> RowChanges? {
        let directory = path(of: location)
        do {
            let standing = try PartitionVerifier(fileSystem: fileSystem).manifest(in: directory)
            guard standing.schemaSHA256 == manifest.schemaSHA256,
                let old = try digests(of: standing, in: directory),
                let new = try digests(of: manifest, in: staging.files)
            else { return nil }
            return RowChanges(old: old, new: new)
        } catch {
            // What stands there is damaged or missing; it is replaced all the same.
            return nil
        }
    }

    /// nil for a format whose records are no text.
    private func digests(
        of manifest: Manifest, in directory: String
    ) throws(PartitionError) -> [UInt64]? {
        var digests: [UInt64] = []
        for file in manifest.files {
            let name = StoredCodec.split(file.path).stem
            guard name.hasSuffix(".csv") || name.hasSuffix(".ndjson") else { return nil }
            let digester = RecordDigester(quotesLines: name.hasSuffix(".csv"))
            try StoredFile(directory + "/" + file.path, fileSystem).readData {
                digester.append($0)
            }
            digests += digester.digests
        }
        return digests
    }
}
