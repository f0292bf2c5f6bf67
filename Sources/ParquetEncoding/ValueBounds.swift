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

    /// The same over values that a dictionary stands for; each entry is looked at once.
    ///
    /// - Parameter marks: for each entry the page it was last seen on, none of them `page`.
    func bounds(
        of range: Range<Int>, in dictionary: ValueDictionary, marks: inout [Int32], page: Int32
    ) -> (least: Int, greatest: Int)? {
        guard !range.isEmpty else { return nil }
        var seen: [Int] = []
        for index in dictionary.indices[range] where marks[Int(index)] != page {
            marks[Int(index)] = page
            seen.append(dictionary.entries[Int(index)])
        }
        var (least, greatest) = (seen[0], seen[0])
        for entry in seen.dropFirst() {
            if precedes(entry, least) {
                least = entry
            } else if precedes(greatest, entry) {
                greatest = entry
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
