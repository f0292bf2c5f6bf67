/// Appends ranges of a leaf's values in the encodings that need no dictionary.
struct ValueEncoder {
    let type: LogicalType
    let values: LeafValues

    /// - Parameter encoding: one that the type has; booleans have plain and run-length.
    func append(_ range: Range<Int>, _ encoding: PageEncoding, to output: inout [UInt8]) {
        switch type.physicalType {
        case .boolean: appendBooleans(range, encoding, to: &output)
        case .int32: appendNumbers(range, encoding, as: Int32.self, to: &output)
        case .int64: appendNumbers(range, encoding, as: Int64.self, to: &output)
        case .byteArray:
            values.texts.withView { texts in
                switch encoding {
                case .deltaLengthByteArray:
                    Self.appendDeltaLength(texts, range, to: &output)
                case .deltaByteArray: Self.appendDelta(texts, range, to: &output)
                default: Self.appendPlain(texts, range, to: &output)
                }
            }
        }
    }

    /// Plain bytes of a range of values.
    func plainByteCount(of range: Range<Int>) -> Int {
        switch type.physicalType {
        case .boolean: (range.count + 7) / 8
        case .int32: range.count * 4
        case .int64: range.count * 8
        case .byteArray: range.count * 4 + textByteCount(of: range)
        }
    }

    /// Bytes of the texts of a range, without their lengths.
    func textByteCount(of range: Range<Int>) -> Int {
        values.texts.offsets[range.upperBound] - values.texts.offsets[range.lowerBound]
    }

    private func appendBooleans(
        _ range: Range<Int>, _ encoding: PageEncoding, to output: inout [UInt8]
    ) {
        values.booleans.withUnsafeBufferPointer { booleans in
            let slice = UnsafeBufferPointer(rebasing: booleans[range])
            if encoding == .runLength {
                RunLengthEncoder.appendWithLength(slice, width: 1, to: &output)
            } else {
                BitPacking.append(slice, width: 1, to: &output)
            }
        }
    }

    private func appendNumbers<Value: FixedWidthInteger & SignedInteger>(
        _ range: Range<Int>, _ encoding: PageEncoding, as type: Value.Type,
        to output: inout [UInt8]
    ) {
        values.numbers.withUnsafeBufferPointer { numbers in
            withUnsafeTemporaryAllocation(of: Value.self, capacity: range.count) { narrow in
                for index in range {
                    narrow[index &- range.lowerBound] =
                        Value(truncatingIfNeeded: numbers[index]).littleEndian
                }
                if encoding == .deltaBinaryPacked {
                    DeltaBinaryPacking.append(UnsafeBufferPointer(narrow), to: &output)
                } else {
                    output.append(contentsOf: UnsafeRawBufferPointer(narrow))
                }
            }
        }
    }

    // MARK: Texts

    private static func appendPlain(
        _ texts: TextView, _ range: Range<Int>, to output: inout [UInt8]
    ) {
        let bytes = texts.bytes(of: range)
        output.extend(by: range.count * 4 + bytes.count) { pointer in
            var offset = 0
            for index in range {
                let text = texts[index]
                pointer.storeBytes(
                    of: UInt32(truncatingIfNeeded: text.count).littleEndian, toByteOffset: offset,
                    as: UInt32.self)
                offset &+= 4
                if let base = text.baseAddress {
                    (pointer + offset).copyMemory(from: base, byteCount: text.count)
                    offset &+= text.count
                }
            }
        }
    }

    /// Source: Parquet specification, Encodings, "Delta-length byte array".
    private static func appendDeltaLength(
        _ texts: TextView, _ range: Range<Int>, to output: inout [UInt8]
    ) {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: range.count) { lengths in
            for index in range {
                lengths[index &- range.lowerBound] =
                    Int32(truncatingIfNeeded: texts.byteCount(of: index))
            }
            DeltaBinaryPacking.append(UnsafeBufferPointer(lengths), to: &output)
        }
        output.append(contentsOf: texts.bytes(of: range))
    }

    /// Source: Parquet specification, Encodings, "Delta Strings".
    private static func appendDelta(
        _ texts: TextView, _ range: Range<Int>, to output: inout [UInt8]
    ) {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * range.count) { lengths in
            let prefixes = UnsafeMutableBufferPointer(rebasing: lengths[..<range.count])
            let suffixes = UnsafeMutableBufferPointer(rebasing: lengths[range.count...])
            for (place, index) in range.enumerated() {
                let prefix = place == 0 ? 0 : texts.sharedPrefixByteCount(index - 1, index)
                prefixes[place] = Int32(truncatingIfNeeded: prefix)
                suffixes[place] = Int32(truncatingIfNeeded: texts.byteCount(of: index) - prefix)
            }
            DeltaBinaryPacking.append(UnsafeBufferPointer(prefixes), to: &output)
            DeltaBinaryPacking.append(UnsafeBufferPointer(suffixes), to: &output)
            for (place, index) in range.enumerated() {
                let prefix = Int(prefixes[place])
                output.append(contentsOf: UnsafeRawBufferPointer(rebasing: texts[index][prefix...]))
            }
        }
    }
}

extension TextView {
    /// Bytes at their beginning that two values have in common.
    func sharedPrefixByteCount(_ left: Int, _ right: Int) -> Int {
        let left = self[left]
        let right = self[right]
        let count = min(left.count, right.count)
        var shared = 0
        while shared < count, left[shared] == right[shared] { shared &+= 1 }
        return shared
    }
}
