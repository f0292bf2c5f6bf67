/// Finds the least and greatest of a leaf's values; both are named by their index.
struct ValueBounds {
    let type: LogicalType
    let values: LeafValues

    /// nil for an empty range.
    func bounds(of range: Range<Int>) -> (least: Int, greatest: Int)? {
        guard !range.isEmpty else { return nil }
        switch type.physicalType {
        case .boolean: return Self.bounds(values.booleans, range)
        case .int32, .int64: return Self.bounds(values.numbers, range)
        case .byteArray: return values.texts.withView { Self.bounds($0, range) }
        }
    }

    /// The same among the entries of a dictionary that occur in `indices`; each is looked at once.
    func bounds(ofEntries indices: ArraySlice<UInt32>) -> (least: Int, greatest: Int)? {
        guard let first = indices.first else { return nil }
        var isSeen = [Bool](repeating: false, count: values.count(of: type))
        var (least, greatest) = (Int(first), Int(first))
        for index in indices where !isSeen[Int(index)] {
            isSeen[Int(index)] = true
            if precedes(Int(index), least) {
                least = Int(index)
            } else if precedes(greatest, Int(index)) {
                greatest = Int(index)
            }
        }
        return (least, greatest)
    }

    func precedes(_ left: Int, _ right: Int) -> Bool {
        switch type.physicalType {
        case .boolean: values.booleans[left] < values.booleans[right]
        case .int32, .int64: values.numbers[left] < values.numbers[right]
        case .byteArray: values.texts.withView { $0.precedes(left, right) }
        }
    }

    private static func bounds<Value: Comparable>(
        _ values: [Value], _ range: Range<Int>
    ) -> (least: Int, greatest: Int) {
        values.withUnsafeBufferPointer { values in
            var (least, greatest) = (range.lowerBound, range.lowerBound)
            for index in range {
                if values[index] < values[least] {
                    least = index
                } else if values[greatest] < values[index] {
                    greatest = index
                }
            }
            return (least, greatest)
        }
    }

    private static func bounds(
        _ texts: TextView, _ range: Range<Int>
    ) -> (least: Int, greatest: Int) {
        var (least, greatest) = (range.lowerBound, range.lowerBound)
        var leastKey = texts.orderKey(of: least)
        var greatestKey = leastKey
        for index in range {
            let key = texts.orderKey(of: index)
            if key <= leastKey, key < leastKey || texts.precedes(index, least) {
                least = index
                leastKey = key
            }
            if key >= greatestKey, key > greatestKey || texts.precedes(greatest, index) {
                greatest = index
                greatestKey = key
            }
        }
        return (least, greatest)
    }
}

extension ValueBounds {
    /// The hash of a value's plain encoding, a text's without its length.
    func hash(of index: Int) -> UInt64 {
        switch type.physicalType {
        case .boolean: XXHash64.hash(values.booleans[index])
        case .int32: XXHash64.hash(Int32(truncatingIfNeeded: values.numbers[index]))
        case .int64: XXHash64.hash(values.numbers[index])
        case .byteArray: values.texts.withView { XXHash64.hash($0[index]) }
        }
    }
}
