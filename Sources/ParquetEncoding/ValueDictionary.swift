/// The distinct values of a column chunk, in the order they first appear, and which of them each
/// value is.
struct ValueDictionary {
    /// For each entry the index of the first value that equals it.
    private(set) var entries: [Int] = []
    /// For each value its entry.
    private(set) var indices: [UInt32] = []
    /// The entries in plain encoding.
    private(set) var plainByteCount = 0

    /// Open addressing: the hash's upper half, then the entry plus one in the lower; 0 is free.
    private var slots = [UInt64](repeating: 0, count: 1_024)
    private var entryHashes: [UInt64] = []

    /// Bits of an index.
    var indexWidth: Int { BitPacking.width(of: UInt64(max(entries.count, 1) - 1)) }

    /// nil where the entries would need more than `byteLimit`.
    init?(_ texts: TextView, count: Int, byteLimit: Int) {
        let isComplete = fill(count: count, byteLimit: byteLimit) { index in
            XXHash64.hash(texts[index])
        } byteCount: { index in
            4 + texts.byteCount(of: index)
        } areEqual: { left, right in
            texts.areEqual(left, right)
        }
        guard isComplete else { return nil }
    }

    /// nil where the entries would need more than `byteLimit`.
    ///
    /// - Parameter width: bytes a value in plain encoding.
    init?(_ numbers: UnsafeBufferPointer<Int64>, width: Int, byteLimit: Int) {
        let isComplete = fill(count: numbers.count, byteLimit: byteLimit) { index in
            XXHash64.hash(numbers[index])
        } byteCount: { _ in
            width
        } areEqual: { left, right in
            numbers[left] == numbers[right]
        }
        guard isComplete else { return nil }
    }

    @inline(__always)
    private mutating func fill(
        count: Int, byteLimit: Int, hash: (Int) -> UInt64, byteCount: (Int) -> Int,
        areEqual: (Int, Int) -> Bool
    ) -> Bool {
        indices.reserveCapacity(count)
        var last: UInt32 = 0
        for index in 0..<count {
            // Sorted and constant columns repeat the value before.
            if index > 0, areEqual(entries[Int(last)], index) {
                indices.append(last)
                continue
            }
            let hash = hash(index)
            if let entry = find(hash, { areEqual($0, index) }) {
                last = entry
            } else {
                plainByteCount += byteCount(index)
                guard plainByteCount <= byteLimit else { return false }
                last = insert(index, hash)
            }
            indices.append(last)
        }
        return true
    }

    @inline(__always)
    private func find(_ hash: UInt64, _ isEqual: (Int) -> Bool) -> UInt32? {
        let mask = slots.count &- 1
        let tag = hash & 0xFFFF_FFFF_0000_0000
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let content = slots[slot]
            if content == 0 { return nil }
            if content & 0xFFFF_FFFF_0000_0000 == tag {
                let entry = UInt32(truncatingIfNeeded: content) &- 1
                if isEqual(entries[Int(entry)]) { return entry }
            }
            slot = (slot &+ 1) & mask
        }
    }

    private mutating func insert(_ index: Int, _ hash: UInt64) -> UInt32 {
        let entry = UInt32(entries.count)
        entries.append(index)
        entryHashes.append(hash)
        if entries.count * 2 > slots.count {
            slots = [UInt64](repeating: 0, count: slots.count * 4)
            for (entry, hash) in entryHashes.enumerated() { place(UInt32(entry), hash) }
        } else {
            place(entry, hash)
        }
        return entry
    }

    private mutating func place(_ entry: UInt32, _ hash: UInt64) {
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 { slot = (slot &+ 1) & mask }
        slots[slot] = hash & 0xFFFF_FFFF_0000_0000 | UInt64(entry &+ 1)
    }
}
