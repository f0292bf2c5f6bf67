import Testing

@testable import ParquetEncoding

@Suite struct DeltaBinaryPackingTests {
    private func encode<Value: FixedWidthInteger & SignedInteger>(_ values: [Value]) -> [UInt8] {
        var output: [UInt8] = []
        values.withUnsafeBufferPointer { DeltaBinaryPacking.append($0, to: &output) }
        return output
    }

    /// Block of 128, four miniblocks.
    private let header: [UInt8] = [0x80, 0x01, 4]

    /// Example 1 of the specification.
    @Test func equalStepsNeedNoBits() {
        #expect(encode([1, 2, 3, 4, 5] as [Int64]) == header + [5, 2] + [2, 0, 0, 0, 0])
    }

    /// Example 2 of the specification: -2 three times, then 1, less the least of them.
    @Test func stepsAreCountedFromTheLeast() {
        // 0, 0, 0, 3, 3, 3, 3 at two bits, filled up to thirty-two values.
        let miniblock: [UInt8] = [0b1100_0000, 0b0011_1111, 0, 0, 0, 0, 0, 0]
        #expect(
            encode([7, 5, 3, 1, 2, 3, 4, 5] as [Int32])
                == header + [8, 14] + [3, 2, 0, 0, 0] + miniblock)
    }

    @Test func oneValueIsOnlyTheHeader() {
        #expect(encode([-1] as [Int64]) == header + [1, 1])
    }

    @Test func noValueIsOnlyTheHeader() {
        #expect(encode([] as [Int64]) == header + [0, 0])
    }

    /// From the greatest to the least and back wraps around: both steps are 1 and -1.
    @Test func stepsWrapAroundAtTheTypesWidth() {
        let narrow = encode([Int32.max, .min, .max])
        // First value zigzag(Int32.max), least step zigzag(-1), steps 2 and 0 at two bits.
        #expect(
            narrow == header + [3, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F] + [1, 2, 0, 0, 0]
                + [0b10, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func noStepNeedsMoreBitsThanItsType() {
        let values: [Int32] = [0, .max, 0, .min, 0, .max, -1, .min, .min, .max]
        let bytes = encode(values)
        let widths = bytes.dropFirst(header.count + 2).drop { $0 & 0x80 != 0 }.dropFirst().prefix(4)
        #expect(widths.allSatisfy { $0 <= 32 }, "\(widths)")
    }

    /// Decodes by the specification and compares; the seed is in the message.
    @Test(arguments: 0..<40)
    func whateverIsEncodedReadsBack(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let bits = Int64.random(in: 1...63, using: &generator)
        let values = (0..<Int.random(in: 1...700, using: &generator)).map { _ in
            Int64.random(in: .min ... .max, using: &generator) >> (63 - bits)
        }
        #expect(Self.decode(encode(values)) == values, "seed \(seed)")
    }

    private static func decode(_ bytes: [UInt8]) -> [Int64] {
        var index = 0
        func unsigned() -> UInt64 {
            var value: UInt64 = 0
            var shift: UInt64 = 0
            repeat {
                value |= UInt64(bytes[index] & 0x7F) << shift
                shift += 7
                index += 1
            } while bytes[index - 1] & 0x80 != 0
            return value
        }
        func signed() -> Int64 {
            let value = unsigned()
            return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
        }
        _ = unsigned()
        let miniblocks = Int(unsigned())
        let count = Int(unsigned())
        var values = [signed()]
        while values.count < count {
            let least = signed()
            let widths = bytes[index..<index + miniblocks]
            index += miniblocks
            for width in widths where values.count < count {
                for place in 0..<32 {
                    var step: UInt64 = 0
                    for bit in 0..<Int(width) {
                        let position = place * Int(width) + bit
                        let byte = UInt64(bytes[index + position / 8])
                        step |= (byte >> UInt64(position % 8) & 1) << UInt64(bit)
                    }
                    let last = values[values.count - 1]
                    if values.count < count {
                        values.append(last &+ least &+ Int64(bitPattern: step))
                    }
                }
                index += 4 * Int(width)
            }
        }
        return values
    }
}
