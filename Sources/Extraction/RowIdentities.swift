import ExportModel

/// Time and key of each row of a page. An empty key is one that cannot be read.
struct RowIdentities: Sendable {
    struct Row: Sendable {
        /// Epoch milliseconds of the start; ``IdentifiedPage/noTime`` where it cannot be read.
        var time: Int64
        /// Of the key; only groups keys, equality is decided on their bytes.
        var hash: UInt64
        /// Where the key ends in ``keyBytes``.
        var keyEnd: Int
    }

    private(set) var rows: [Row] = []
    /// The keys in the order of the rows, without gaps.
    private(set) var keyBytes: [UInt8] = []

    init(rowCount: Int) {
        rows.reserveCapacity(rowCount)
        keyBytes.reserveCapacity(rowCount * 32)
    }

    var count: Int { rows.count }

    /// Memory of rows and keys.
    var memoryByteCount: Int {
        keyBytes.capacity + rows.capacity * MemoryLayout<Row>.stride
    }

    /// Adds a row: its key is what `writeKey` appends; false takes it back.
    @inline(__always)
    mutating func append(time: Int64, writeKey: (inout [UInt8]) -> Bool) {
        let start = keyBytes.count
        if !writeKey(&keyBytes) { keyBytes.removeLast(keyBytes.count - start) }
        let hash = keyBytes.withUnsafeBytes {
            ByteHash.hash(UnsafeRawBufferPointer(rebasing: $0[start...]))
        }
        rows.append(Row(time: time, hash: hash, keyEnd: keyBytes.count))
    }

    /// A row's key in ``keyBytes``.
    func keyRange(_ row: Int) -> Range<Int> {
        (row == 0 ? 0 : rows[row - 1].keyEnd)..<rows[row].keyEnd
    }

    /// Whether the row's key can be read.
    func isKeyed(_ row: Int) -> Bool { !keyRange(row).isEmpty }

    func key(_ row: Int) -> ArraySlice<UInt8> { keyBytes[keyRange(row)] }

    /// Whether a key equals one of this page or another.
    func hasKey(_ row: Int, equalTo otherRow: Int, of other: RowIdentities) -> Bool {
        rows[row].hash == other.rows[otherRow].hash && key(row) == other.key(otherRow)
    }

    /// Whether a row's key comes first in the order of bytes.
    func precedes(_ row: Int, _ otherRow: Int, of other: RowIdentities) -> Bool {
        key(row).lexicographicallyPrecedes(other.key(otherRow))
    }

    /// Rows that repeat the key of an earlier one.
    var repeatCount: Int {
        var table = KeyTable(capacity: count)
        return rows.indices.count { isRepeat($0, &table) }
    }

    /// The rows that do not repeat the key of an earlier one.
    var rowsWithoutRepeats: [Int] {
        var table = KeyTable(capacity: count)
        return rows.indices.filter { !isRepeat($0, &table) }
    }

    @inline(__always)
    private func isRepeat(_ row: Int, _ table: inout KeyTable) -> Bool {
        isKeyed(row)
            && table.insert(row, hash: rows[row].hash) { hasKey(row, equalTo: $0, of: self) } != nil
    }
}
