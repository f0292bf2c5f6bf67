/// Finds what was there before under an equal key, by a table with open addresses.
///
/// Holds places (of rows on a page, of records in a slice), not keys: whoever asks compares them.
struct KeyTable: ~Copyable {
    /// A place plus one; 0 where nothing is.
    private let slots: UnsafeMutableBufferPointer<UInt32>

    /// - Parameter count: most places that will be inserted.
    init(capacity count: Int) {
        precondition(count < UInt32.max / 4, "a slice has a bounded number of rows")
        var slotCount = 16
        while slotCount < count * 2 { slotCount *= 2 }
        slots = .allocate(capacity: slotCount)
        slots.initialize(repeating: 0)
    }

    deinit {
        slots.deallocate()
    }

    /// Inserts a place unless one with an equal key is there.
    ///
    /// - Parameter isEqual: whether the key at an earlier place equals this one.
    /// - Returns: the earlier place with an equal key; nil if there is none.
    @inline(__always)
    mutating func insert(_ place: Int, hash: UInt64, isEqual: (_ earlier: Int) -> Bool) -> Int? {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let earlier = Int(slots[slot]) - 1
            if isEqual(earlier) { return earlier }
            slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(place + 1)
        return nil
    }
}
