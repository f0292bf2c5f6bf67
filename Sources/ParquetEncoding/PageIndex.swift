/// The page index of one column chunk: what lets readers skip its pages.
///
/// Source: Parquet specification, "Page Index".
enum PageIndex {
    /// The struct `ColumnIndex`.
    static func columnIndex(of chunk: EncodedColumnChunk) -> [UInt8] {
        let statistics = chunk.pages.map(\.statistics)
        var writer = ThriftCompactWriter()
        writer.appendStructure { writer in
            writer.writeList(statistics, of: .boolTrue, field: 1) { writer, page in
                writer.appendBool(page.least == nil)
            }
            writer.writeList(statistics, of: .binary, field: 2) { writer, page in
                writer.appendBinary(page.least?.bytes ?? [])
            }
            writer.writeList(statistics, of: .binary, field: 3) { writer, page in
                writer.appendBinary(page.greatest?.bytes ?? [])
            }
            let order = boundaryOrder(of: statistics, type: chunk.leaf.type)
            writer.writeInt32(order.rawValue, field: 4)
            writer.writeList(statistics, of: .int64, field: 5) { writer, page in
                writer.appendInteger(page.nullCount)
            }
        }
        return writer.bytes
    }

    /// The struct `OffsetIndex`.
    ///
    /// - Parameter start: the file offset of the chunk's row group.
    static func offsetIndex(of chunk: EncodedColumnChunk, start: Int) -> [UInt8] {
        var writer = ThriftCompactWriter()
        writer.appendStructure { writer in
            writer.writeList(chunk.pages, of: .structure, field: 1) { writer, page in
                writer.appendStructure { writer in
                    writer.writeInt64(start + page.offset, field: 1)
                    writer.writeInt32(page.byteCount, field: 2)
                    writer.writeInt64(page.firstRow, field: 3)
                }
            }
            let textByteCounts = chunk.pages.compactMap(\.textByteCount)
            if !textByteCounts.isEmpty {
                writer.writeList(textByteCounts, of: .int64, field: 2) { writer, count in
                    writer.appendInteger(count)
                }
            }
        }
        return writer.bytes
    }

    /// How the bounds of the pages that have values follow one another.
    static func boundaryOrder(
        of pages: [ColumnStatistics], type: LogicalType
    ) -> BoundaryOrder {
        var isAscending = true
        var isDescending = true
        var last: (least: [UInt8], greatest: [UInt8])?
        for page in pages {
            guard let least = page.least?.bytes, let greatest = page.greatest?.bytes else {
                continue
            }
            if let last {
                if precedes(least, last.least, type) || precedes(greatest, last.greatest, type) {
                    isAscending = false
                }
                if precedes(last.least, least, type) || precedes(last.greatest, greatest, type) {
                    isDescending = false
                }
            }
            last = (least, greatest)
        }
        return isAscending ? .ascending : isDescending ? .descending : .unordered
    }

    private static func precedes(_ left: [UInt8], _ right: [UInt8], _ type: LogicalType) -> Bool {
        switch type.physicalType {
        case .byteArray: left.lexicographicallyPrecedes(right)
        case .boolean: left[0] < right[0]
        case .int32:
            Int32(truncatingIfNeeded: number(left)) < Int32(truncatingIfNeeded: number(right))
        case .int64: number(left) < number(right)
        }
    }

    /// Little-endian; not sign-extended.
    private static func number(_ bytes: [UInt8]) -> Int64 {
        bytes.reversed().reduce(0) { $0 << 8 | Int64($1) }
    }
}
