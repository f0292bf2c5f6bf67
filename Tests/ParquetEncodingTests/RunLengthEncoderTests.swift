import Testing

@testable import ParquetEncoding

@Suite struct RunLengthEncoderTests {
    private func encode(_ values: [UInt8], width: Int) -> [UInt8] {
        var output: [UInt8] = []
        values.withUnsafeBufferPointer {
            RunLengthEncoder.append($0, width: width, to: &output)
        }
        return output
    }

    /// The specification's own example: the numbers 0 to 7 at three bits.
    @Test func bitsAreFilledFromTheLowest() {
        #expect(
            encode([0, 1, 2, 3, 4, 5, 6, 7], width: 3)
                == [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010])
    }

    @Test func equalValuesAreOneRun() {
        // Header: count << 1.
        #expect(encode(Array(repeating: 1, count: 100), width: 1) == [200, 1, 1])
        #expect(encode(Array(repeating: 5, count: 3), width: 3) == [6, 5])
    }

    @Test func theLastGroupIsFilledWithZeros() {
        // One group of eight, header 1 << 1 | 1.
        #expect(encode([1, 0, 1], width: 1) == [0b11, 0b101])
    }

    @Test func aRunBehindBitPackedValuesBeginsAtAGroupOfEight() {
        // 1, 0, then forty ones: six of them fill the group, thirty-four are the run.
        let values: [UInt8] = [1, 0] + Array(repeating: 1, count: 40)
        #expect(encode(values, width: 1) == [0b11, 0b1111_1101, 34 << 1, 1])
    }

    @Test func shortRunsOfNarrowValuesStayBitPacked() {
        let values: [UInt8] = [0, 1] + Array(repeating: 0, count: 14)
        #expect(encode(values, width: 1) == [2 << 1 | 1, 0b10, 0])
    }

    @Test func valuesWiderThanAByteAreRunsOfTwoBytes() {
        var output: [UInt8] = []
        [UInt32](repeating: 0x0102, count: 8).withUnsafeBufferPointer {
            RunLengthEncoder.append($0, width: 9, to: &output)
        }
        #expect(output == [16, 0x02, 0x01])
    }

    @Test func widthZeroHoldsOnlyTheCount() {
        #expect(encode(Array(repeating: 0, count: 9), width: 0) == [18])
    }

    @Test func booleansHaveTheirLengthInFront() {
        var output: [UInt8] = [0xEE]
        [UInt8](repeating: 1, count: 8).withUnsafeBufferPointer {
            RunLengthEncoder.appendWithLength($0, width: 1, to: &output)
        }
        #expect(output == [0xEE, 2, 0, 0, 0, 16, 1])
    }

    /// Decodes by the grammar and compares; the seed is in the message.
    @Test(arguments: 0..<40)
    func whateverIsEncodedReadsBack(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let width = Int.random(in: 1...8, using: &generator)
        var values: [UInt8] = []
        while values.count < 3_000 {
            let value = UInt8.random(in: 0...UInt8((1 << width) - 1), using: &generator)
            let count = Int.random(in: 0..<4, using: &generator) == 0 ? 200 : 3
            let repetitions = Int.random(in: 1...count, using: &generator)
            values += Array(repeating: value, count: repetitions)
        }
        let decoded = Self.decode(encode(values, width: width), width: width, count: values.count)
        #expect(decoded == values, "seed \(seed)")
    }

    private static func decode(_ bytes: [UInt8], width: Int, count: Int) -> [UInt8] {
        var values: [UInt8] = []
        var index = 0
        while values.count < count, index < bytes.count {
            var header = 0
            var shift = 0
            repeat {
                header |= Int(bytes[index] & 0x7F) << shift
                shift += 7
                index += 1
            } while bytes[index - 1] & 0x80 != 0
            if header & 1 == 0 {
                values += Array(repeating: bytes[index], count: header >> 1)
                index += 1
                continue
            }
            for value in 0..<(header >> 1) * 8 {
                var bits: UInt8 = 0
                for bit in 0..<width {
                    let place = value * width + bit
                    bits |= (bytes[index + place / 8] >> UInt8(place % 8) & 1) << UInt8(bit)
                }
                values.append(bits)
            }
            index += (header >> 1) * width
        }
        return Array(values.prefix(count))
    }
}
