/// What one data page holds of a column chunk: whole rows, their places and their values.
struct PageRange: Hashable, Sendable {
    var rows: Range<Int>
    var places: Range<Int>
    var values: Range<Int>

    /// Cuts a chunk into pages of at most `rowLimit` rows and `byteLimit` bytes; a single row may
    /// have more.
    ///
    /// - Parameter byteCount: bytes of a range of values.
    static func pages(
        of rows: LeafRows, maxDefinitionLevel: Int, rowLimit: Int, byteLimit: Int,
        byteCount: (Range<Int>) -> Int
    ) -> [PageRange] {
        var pages: [PageRange] = []
        var start = PageRange(rows: 0..<0, places: 0..<0, values: 0..<0)
        while start.rows.upperBound < rows.rowCount {
            let first = start.rows.upperBound
            var count = min(rowLimit, rows.rowCount - first)
            while true {
                let placeEnd = rows.place(ofRow: first + count)
                let places = start.places.upperBound..<placeEnd
                let valueCount = rows.valueCount(in: places, maxDefinitionLevel)
                let values =
                    start.values.upperBound..<start.values.upperBound + valueCount
                if count == 1 || byteCount(values) <= byteLimit {
                    start = PageRange(rows: first..<first + count, places: places, values: values)
                    break
                }
                count /= 2
            }
            pages.append(start)
        }
        return pages
    }
}

extension LeafRows {
    /// Values that are there among `places`.
    func valueCount(in places: Range<Int>, _ maxDefinitionLevel: Int) -> Int {
        guard maxDefinitionLevel > 0 else { return places.count }
        return definitionLevels.withUnsafeBufferPointer { levels in
            var count = 0
            for place in places where Int(levels[place]) == maxDefinitionLevel { count &+= 1 }
            return count
        }
    }
}
