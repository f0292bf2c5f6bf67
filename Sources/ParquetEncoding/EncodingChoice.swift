/// How a column chunk's values are encoded: measured on a sample with the file's own codec.
struct EncodingChoice {
    var encoding: PageEncoding
    /// Only with ``PageEncoding/dictionary``.
    var dictionary: ValueDictionary?

    private static let sliceCount = 4
    private static let sliceLength = 1_024
    /// Up to here a dictionary is taken without measuring: its indices need a byte at most.
    private static let surelySmallDictionary = 64

    /// - Parameter count: the chunk's values that are there.
    static func make(
        _ encoder: ValueEncoder, count: Int, options: ParquetWriteOptions,
        pageWriter: inout PageWriter
    ) throws(ParquetEncodingError) -> EncodingChoice {
        guard count > 0 else { return EncodingChoice(encoding: .plain) }
        guard encoder.type != .boolean else {
            return EncodingChoice(encoding: options.dataPageVersion == 2 ? .runLength : .plain)
        }
        let dictionary = encoder.dictionary(count: count, byteLimit: options.dictionaryByteLimit)
        let isSurelySmall = Self.surelySmallDictionary * 16
        if let dictionary, dictionary.entries.count <= surelySmallDictionary,
            count >= isSurelySmall
        {
            return EncodingChoice(encoding: .dictionary, dictionary: dictionary)
        }
        let slices = slices(of: count)
        let sampleCount = slices.reduce(0) { $0 + $1.count }
        var best = EncodingChoice(encoding: .plain)
        var leastByteCount = Int.max
        for encoding in encoder.directEncodings(dataPageVersion: options.dataPageVersion) {
            var sample: [UInt8] = []
            for slice in slices { encoder.append(slice, encoding, to: &sample) }
            let byteCount = try pageWriter.compressedByteCount(sample)
            if byteCount < leastByteCount {
                leastByteCount = byteCount
                best = EncodingChoice(encoding: encoding)
            }
        }
        guard let dictionary else { return best }
        var sample: [UInt8] = []
        for slice in slices { dictionary.appendIndices(slice, to: &sample) }
        let indexByteCount = try pageWriter.compressedByteCount(sample)
        var entries: [UInt8] = []
        encoder.appendPlain(dictionary.entries, to: &entries)
        let entryByteCount = try pageWriter.compressedByteCount(entries)
        let scale = Double(count) / Double(sampleCount)
        let dictionaryByteCount = Double(entryByteCount) + Double(indexByteCount) * scale
        return dictionaryByteCount <= Double(leastByteCount) * scale
            ? EncodingChoice(encoding: .dictionary, dictionary: dictionary) : best
    }

    /// Evenly spread over the chunk; all of it where it is short.
    private static func slices(of count: Int) -> [Range<Int>] {
        guard count > sliceCount * sliceLength else { return [0..<count] }
        return (0..<sliceCount).map { slice in
            let start = slice * (count - sliceLength) / (sliceCount - 1)
            return start..<start + sliceLength
        }
    }
}

extension ValueEncoder {
    /// The encodings without a dictionary that are worth a try; of equal sizes the first is taken.
    ///
    /// Pages of version 1 are plain: Hive, Spark before 3.3 and fastparquet read no delta encoding.
    fileprivate func directEncodings(dataPageVersion: Int) -> [PageEncoding] {
        guard dataPageVersion == 2 else { return [.plain] }
        return switch type.physicalType {
        case .boolean: [.plain]
        case .int32, .int64: [.plain, .deltaBinaryPacked]
        case .byteArray: [.plain, .deltaLengthByteArray, .deltaByteArray]
        }
    }

    /// nil where it would be too large.
    fileprivate func dictionary(count: Int, byteLimit: Int) -> ValueDictionary? {
        guard byteLimit > 0 else { return nil }
        if type.physicalType == .byteArray {
            return values.texts.withView { texts in
                ValueDictionary(texts, count: count, byteLimit: byteLimit)
            }
        }
        return values.numbers.withUnsafeBufferPointer { numbers in
            ValueDictionary(
                numbers, width: type.physicalType == .int32 ? 4 : 8, byteLimit: byteLimit)
        }
    }
}

extension ValueDictionary {
    /// Appends the indices of a range of values as a data page has them: the width, then the runs.
    func appendIndices(_ range: Range<Int>, to output: inout [UInt8]) {
        indices.withUnsafeBufferPointer { indices in
            let slice = UnsafeBufferPointer(rebasing: indices[range])
            var union: UInt32 = 0
            for index in slice { union |= index }
            let width = BitPacking.width(of: UInt64(union))
            output.append(UInt8(width))
            RunLengthEncoder.append(slice, width: width, to: &output)
        }
    }
}
