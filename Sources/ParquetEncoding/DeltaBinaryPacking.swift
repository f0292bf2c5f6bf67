/// Differences in blocks of 128, each of four miniblocks with a width of its own.
///
/// Source: Parquet specification, Encodings, "Delta Encoding (DELTA_BINARY_PACKED = 5)".
enum DeltaBinaryPacking {
    private static let blockCount = 128
    private static let miniblockCount = 32

    /// Appends `values` as 32- or 64-bit integers; differences wrap around at that width, so that
    /// none needs more bits than its type has.
    static func append<Value: FixedWidthInteger & SignedInteger>(
        _ values: UnsafeBufferPointer<Value>, to output: inout [UInt8]
    ) {
        output.appendVariableLength(UInt64(blockCount))
        output.appendVariableLength(UInt64(blockCount / miniblockCount))
        output.appendVariableLength(UInt64(values.count))
        output.appendVariableLength(zigZag: Int64(values.first ?? 0))
        var start = 1
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: blockCount) { differences in
            while start < values.count {
                let end = min(start + blockCount, values.count)
                appendBlock(values, start..<end, differences, to: &output)
                start = end
            }
        }
    }

    private static func appendBlock<Value: FixedWidthInteger & SignedInteger>(
        _ values: UnsafeBufferPointer<Value>, _ range: Range<Int>,
        _ differences: UnsafeMutableBufferPointer<UInt64>, to output: inout [UInt8]
    ) {
        var smallest = Value.max
        for index in range {
            smallest = min(smallest, values[index] &- values[index &- 1])
        }
        for index in range {
            let difference = values[index] &- values[index &- 1] &- smallest
            differences[index &- range.lowerBound] =
                UInt64(truncatingIfNeeded: Value.Magnitude(truncatingIfNeeded: difference))
        }
        // A miniblock that is begun is written whole.
        for index in range.count..<blockCount { differences[index] = 0 }
        output.appendVariableLength(zigZag: Int64(smallest))
        let widthsStart = output.count
        output.append(contentsOf: repeatElement(0, count: blockCount / miniblockCount))
        for miniblock in 0..<(range.count + miniblockCount - 1) / miniblockCount {
            let start = miniblock * miniblockCount
            let values = UnsafeBufferPointer(
                rebasing: differences[start..<start + miniblockCount])
            var union: UInt64 = 0
            for value in values { union |= value }
            let width = BitPacking.width(of: union)
            output[widthsStart + miniblock] = UInt8(width)
            BitPacking.append(values, width: width, to: &output)
        }
    }
}
