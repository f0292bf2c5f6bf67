/// The RLE/bit-packing hybrid: for levels, dictionary indices and booleans.
///
/// A value repeated so often that a run is shorter than its bits becomes a run; what lies between
/// runs is bit-packed in groups of eight.
///
/// Source: Parquet specification, Encodings, "Run Length Encoding / Bit-Packing Hybrid (RLE = 3)".
enum RunLengthEncoder {
    /// Groups of eight in one bit-packed run; keeps its header within two bytes.
    private static let largestGroupCount = 4_096

    /// Appends the runs without a length in front.
    ///
    /// - Parameter width: bits a value, 0…32.
    static func append<Value: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeBufferPointer<Value>, width: Int, to output: inout [UInt8]
    ) {
        let shortestRun = shortestRun(width: width)
        var packedStart = 0
        var index = 0
        while index < values.count {
            let runEnd = endOfRun(values, from: index)
            var runStart = index
            let packedCount = index - packedStart
            // A packed run that is not the last one holds a multiple of eight values.
            if packedCount % 8 != 0 { runStart += 8 - packedCount % 8 }
            let isWorthRun =
                runEnd - runStart >= shortestRun || (packedCount == 0 && runEnd == values.count)
            guard isWorthRun else {
                index = runEnd
                continue
            }
            appendPacked(values, packedStart..<runStart, width: width, to: &output)
            appendRun(of: values[runStart], count: runEnd - runStart, width: width, to: &output)
            packedStart = runEnd
            index = runEnd
        }
        appendPacked(values, packedStart..<values.count, width: width, to: &output)
    }

    /// Appends the runs with their length in four bytes in front, as levels of v1 data pages and
    /// all booleans have it.
    static func appendWithLength(
        _ values: UnsafeBufferPointer<UInt8>, width: Int, to output: inout [UInt8]
    ) {
        let start = output.count
        output.appendLittleEndian(UInt32(0))
        append(values, width: width, to: &output)
        let length = UInt32(output.count - start - 4)
        for byte in 0..<4 {
            output[start + byte] = UInt8(truncatingIfNeeded: length >> UInt32(8 * byte))
        }
    }

    /// Repetitions from which a run and the header of the packed values after it are shorter
    /// than the bits.
    private static func shortestRun(width: Int) -> Int {
        let runByteCount = 2 + (width + 7) / 8
        return max(8, 8 * runByteCount / max(width, 1))
    }

    @inline(__always)
    private static func endOfRun<Value: FixedWidthInteger>(
        _ values: UnsafeBufferPointer<Value>, from start: Int
    ) -> Int {
        let value = values[start]
        var end = start &+ 1
        while end < values.count, values[end] == value { end &+= 1 }
        return end
    }

    private static func appendRun<Value: FixedWidthInteger>(
        of value: Value, count: Int, width: Int, to output: inout [UInt8]
    ) {
        output.appendVariableLength(UInt64(count) << 1)
        for byte in 0..<(width + 7) / 8 {
            output.append(UInt8(truncatingIfNeeded: value >> Value(truncatingIfNeeded: 8 * byte)))
        }
    }

    /// Bit-packs a range; only the last one of a sequence may end inside a group of eight.
    private static func appendPacked<Value: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeBufferPointer<Value>, _ range: Range<Int>, width: Int,
        to output: inout [UInt8]
    ) {
        var start = range.lowerBound
        while start < range.upperBound {
            let end = min(start + largestGroupCount * 8, range.upperBound)
            let groupCount = (end - start + 7) / 8
            output.appendVariableLength(UInt64(groupCount) << 1 | 1)
            let before = output.count
            BitPacking.append(
                UnsafeBufferPointer(rebasing: values[start..<end]), width: width, to: &output)
            // The values missing from the last group are zeros.
            let missing = groupCount * width - (output.count - before)
            output.append(contentsOf: repeatElement(0, count: missing))
            start = end
        }
    }
}
