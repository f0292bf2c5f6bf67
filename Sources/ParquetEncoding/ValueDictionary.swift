/// The distinct values of a column chunk, in the order they first appear.
struct ValueDictionary {
    private let type: LogicalType
    private(set) var entries = LeafValues()
    /// Of each entry: what a bloom filter takes.
    private(set) var hashes: [UInt64] = []
    /// The entries in plain encoding.
    private(set) var plainByteCount = 0

    /// Open addressing: the hash's upper half, then the entry plus one in the lower; 0 is free.
    private var slots: [UInt64] = []

    /// - Parameter type: any but booleans.
    init(_ type: LogicalType) {
        self.type = type
    }

    var count: Int { hashes.count }

    /// Appends the entry of each value of a range to `indices`; values without one become entries.
    mutating func add(
        _ values: LeafValues, _ range: Range<Int>, to indices: inout [UInt32]
    ) {
        indices.reserveGrowing(by: range.count)
        if type.physicalType == .byteArray {
            values.texts.withView { addTexts($0, range, &indices) }
        } else {
            values.numbers.withUnsafeBufferPointer { addNumbers($0, range, &indices) }
        }
    }

    /// Appends indices as a data page has them: the width, then the runs.
    static func appendIndices(_ indices: ArraySlice<UInt32>, to output: inout [UInt8]) {
        indices.withUnsafeBufferPointer { indices in
            var union: UInt32 = 0
            for index in indices { union |= index }
            let width = BitPacking.width(of: UInt64(union))
            output.append(UInt8(width))
            RunLengthEncoder.append(indices, width: width, to: &output)
        }
    }

    private mutating func addTexts(
        _ texts: TextView, _ range: Range<Int>, _ indices: inout [UInt32]
    ) {
        var last: UInt32 = 0
        for index in range {
            // Sorted and constant columns repeat the value before.
            if index > range.lowerBound, texts.areEqual(index &- 1, index) {
                indices.append(last)
                continue
            }
            let text = texts[index]
            let hash = XXHash64.hash(text)
            if let entry = find(hash, { entries.texts.isEqual($0, text) }) {
                last = entry
            } else {
                plainByteCount += 4 + text.count
                entries.texts.append(text)
                last = insert(hash)
            }
            indices.append(last)
        }
    }

    private mutating func addNumbers(
        _ numbers: UnsafeBufferPointer<Int64>, _ range: Range<Int>, _ indices: inout [UInt32]
    ) {
        let isNarrow = type.physicalType == .int32
        var last: UInt32 = 0
        for index in range {
            let number = numbers[index]
            if index > range.lowerBound, numbers[index &- 1] == number {
                indices.append(last)
                continue
            }
            let hash =
                isNarrow
                ? XXHash64.hash(Int32(truncatingIfNeeded: number)) : XXHash64.hash(number)
            if let entry = find(hash, { entries.numbers[$0] == number }) {
                last = entry
            } else {
                plainByteCount += isNarrow ? 4 : 8
                entries.numbers.append(number)
                last = insert(hash)
            }
            indices.append(last)
        }
    }

    @inline(__always)
    private func find(_ hash: UInt64, _ isEqual: (Int) -> Bool) -> UInt32? {
        if slots.isEmpty { return nil }
        let mask = slots.count &- 1
        let tag = hash & 0xFFFF_FFFF_0000_0000
        var slot = Int(truncatingIfNeeded: hash) & mask
        while true {
            let content = slots[slot]
            if content == 0 { return nil }
            if content & 0xFFFF_FFFF_0000_0000 == tag {
                let entry = UInt32(truncatingIfNeeded: content) &- 1
                if isEqual(Int(entry)) { return entry }
            }
            slot = (slot &+ 1) & mask
        }
    }

    private mutating func insert(_ hash: UInt64) -> UInt32 {
        let entry = UInt32(hashes.count)
        hashes.append(hash)
        if hashes.count * 2 > slots.count {
            slots = [UInt64](repeating: 0, count: max(slots.count * 4, 256))
            for (entry, hash) in hashes.enumerated() { place(UInt32(entry), hash) }
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
