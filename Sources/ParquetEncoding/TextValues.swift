/// Texts that are not null, one after the other; value `i` is `bytes[offsets[i]..<offsets[i + 1]]`.
struct TextValues: Sendable {
    var bytes: [UInt8] = []
    /// One more than there are values; the first is 0.
    var offsets = [0]

    var count: Int { offsets.count - 1 }

    mutating func append(_ value: some Collection<UInt8>) {
        bytes.append(contentsOf: value)
        offsets.append(bytes.count)
    }

    /// Forgets the texts and keeps their room.
    mutating func removeAll() {
        offsets.removeLast(count)
        bytes.removeAll(keepingCapacity: true)
    }

    /// Whether value `index` has the same bytes as `text`.
    @inline(__always)
    func isEqual(_ index: Int, _ text: UnsafeRawBufferPointer) -> Bool {
        let start = offsets[index]
        guard offsets[index &+ 1] &- start == text.count else { return false }
        guard text.count > 0, let other = text.baseAddress else { return true }
        return bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return false }
            return memoryEquals(base + start, other, text.count)
        }
    }

    func withView<Result>(_ body: (TextView) -> Result) -> Result {
        bytes.withUnsafeBytes { bytes in
            offsets.withUnsafeBufferPointer { offsets in
                body(TextView(bytes: bytes, offsets: offsets))
            }
        }
    }
}

/// The same without ownership, for loops. Valid inside ``TextValues/withView(_:)`` only.
struct TextView {
    let bytes: UnsafeRawBufferPointer
    let offsets: UnsafeBufferPointer<Int>

    @inline(__always)
    subscript(index: Int) -> UnsafeRawBufferPointer {
        let start = offsets[index]
        return UnsafeRawBufferPointer(rebasing: bytes[start..<offsets[index &+ 1]])
    }

    @inline(__always)
    func byteCount(of index: Int) -> Int {
        offsets[index &+ 1] &- offsets[index]
    }

    /// All bytes of a range of values.
    func bytes(of range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            rebasing: bytes[offsets[range.lowerBound]..<offsets[range.upperBound]])
    }

    @inline(__always)
    func areEqual(_ left: Int, _ right: Int) -> Bool {
        let count = byteCount(of: left)
        guard count == byteCount(of: right) else { return false }
        guard count > 0, let base = bytes.baseAddress else { return true }
        return memoryEquals(base + offsets[left], base + offsets[right], count)
    }

    /// Whether value `left` comes before value `right`, byte by byte.
    func precedes(_ left: Int, _ right: Int) -> Bool {
        let leftKey = orderKey(of: left)
        let rightKey = orderKey(of: right)
        if leftKey != rightKey { return leftKey < rightKey }
        return self[left].lexicographicallyPrecedes(self[right])
    }

    /// The first eight bytes as a number; values order as their keys do where these differ.
    @inline(__always)
    func orderKey(of index: Int) -> UInt64 {
        let start = offsets[index]
        let count = min(byteCount(of: index), 8)
        guard count > 0, let base = bytes.baseAddress else { return 0 }
        if start &+ 8 <= bytes.count {
            let word = UInt64(
                bigEndian: (base + start).loadUnaligned(as: UInt64.self))
            return count == 8 ? word : word & ~(UInt64.max &>> UInt64(8 &* count))
        }
        var key: UInt64 = 0
        for byte in 0..<count { key |= UInt64(bytes[start + byte]) << UInt64(56 - 8 * byte) }
        return key
    }
}

/// Whether `count` bytes are the same, eight at a time.
@inline(__always)
private func memoryEquals(
    _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int
) -> Bool {
    var offset = 0
    while offset &+ 8 <= count {
        if (left + offset).loadUnaligned(as: UInt64.self)
            != (right + offset).loadUnaligned(as: UInt64.self)
        {
            return false
        }
        offset &+= 8
    }
    while offset < count {
        if left.load(fromByteOffset: offset, as: UInt8.self)
            != right.load(fromByteOffset: offset, as: UInt8.self)
        {
            return false
        }
        offset &+= 1
    }
    return true
}
