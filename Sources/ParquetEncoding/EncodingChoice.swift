/// Chooses how a column chunk's values are encoded by its first page that has values: measured on a
/// sample with the file's own codec.
struct EncodingChoice {
    private static let sliceCount = 4
    private static let sliceLength = 1_024
    /// Up to here a dictionary is taken without measuring: its indices need a byte at most.
    private static let surelySmallDictionary = 64

    private let encoder: ValueEncoder
    private let options: ParquetWriteOptions
    /// Of the page's values, those that are judged.
    private var judged: Range<Int>
    private var direct: (encoding: PageEncoding, sampleByteCount: Int)?

    /// - Parameter encoder: of the page's values, of which there are some.
    init(_ encoder: ValueEncoder, options: ParquetWriteOptions) {
        self.encoder = encoder
        self.options = options
        judged = 0..<encoder.values.count(of: encoder.type)
    }

    /// The page's dictionary and each value's entry; nil where direct encoding is as short.
    ///
    /// A dictionary pays over the pages that follow, which repeat more and more of its entries.
    /// They are taken to be like the page's second half.
    ///
    /// - Parameter isWhole: whether no pages follow, so that the page itself is judged.
    mutating func dictionary(
        isWhole: Bool, with pageWriter: inout PageWriter
    ) throws(ParquetEncodingError) -> (dictionary: ValueDictionary, indices: [UInt32])? {
        guard options.dictionaryByteLimit > 0, encoder.type.physicalType != .boolean else {
            return nil
        }
        let count = judged.count
        var dictionary = ValueDictionary(encoder.type)
        var indices: [UInt32] = []
        let known = isWhole ? 0 : count / 2
        dictionary.add(encoder.values, 0..<known, to: &indices)
        let knownCount = dictionary.count
        dictionary.add(encoder.values, known..<count, to: &indices)
        guard dictionary.plainByteCount <= options.dictionaryByteLimit else { return nil }
        if dictionary.count <= Self.surelySmallDictionary,
            count >= Self.surelySmallDictionary * 16
        {
            return (dictionary, indices)
        }
        judged = known..<count
        var sample: [UInt8] = []
        for slice in slices { ValueDictionary.appendIndices(indices[slice], to: &sample) }
        let indexByteCount = try pageWriter.compressedByteCount(sample)
        var entries: [UInt8] = []
        ValueEncoder(type: encoder.type, values: dictionary.entries)
            .append(knownCount..<dictionary.count, .plain, to: &entries)
        let entryByteCount = try pageWriter.compressedByteCount(entries)
        let scale = Double(judged.count) / Double(slices.reduce(0) { $0 + $1.count })
        let dictionaryByteCount = Double(entryByteCount) + Double(indexByteCount) * scale
        let directByteCount = Double(try measuredDirect(with: &pageWriter).sampleByteCount) * scale
        return dictionaryByteCount <= directByteCount ? (dictionary, indices) : nil
    }

    /// The best encoding without a dictionary.
    mutating func direct(
        with pageWriter: inout PageWriter
    ) throws(ParquetEncodingError) -> PageEncoding {
        try measuredDirect(with: &pageWriter).encoding
    }

    private mutating func measuredDirect(
        with pageWriter: inout PageWriter
    ) throws(ParquetEncodingError) -> (encoding: PageEncoding, sampleByteCount: Int) {
        if let direct { return direct }
        var best = (encoding: PageEncoding.plain, sampleByteCount: Int.max)
        for encoding in encoder.directEncodings(dataPageVersion: options.dataPageVersion) {
            var sample: [UInt8] = []
            for slice in slices { encoder.append(slice, encoding, to: &sample) }
            let byteCount = try pageWriter.compressedByteCount(sample)
            if byteCount < best.sampleByteCount { best = (encoding, byteCount) }
        }
        direct = best
        return best
    }

    /// Evenly spread over the judged values; all of them where they are few.
    private var slices: [Range<Int>] {
        let (count, length) = (Self.sliceCount, Self.sliceLength)
        guard judged.count > count * length else { return [judged] }
        return (0..<count).map { slice in
            let start = judged.lowerBound + slice * (judged.count - length) / (count - 1)
            return start..<start + length
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
        case .boolean: [.runLength]
        case .int32, .int64: [.plain, .deltaBinaryPacked]
        case .byteArray: [.plain, .deltaLengthByteArray, .deltaByteArray]
        }
    }
}
