import Testing

@testable import ParquetEncoding

@Suite struct ValueEncoderTests {
    private func encoder(_ texts: [String]) -> ValueEncoder {
        var values = LeafValues()
        for text in texts { values.texts.append(text.utf8) }
        return ValueEncoder(type: .string, values: values)
    }

    private func encode(_ texts: [String], _ encoding: PageEncoding) -> [UInt8] {
        var output: [UInt8] = []
        encoder(texts).append(0..<texts.count, encoding, to: &output)
        return output
    }

    private func delta(_ lengths: [Int32]) -> [UInt8] {
        var output: [UInt8] = []
        lengths.withUnsafeBufferPointer { DeltaBinaryPacking.append($0, to: &output) }
        return output
    }

    @Test func plainTextsHaveTheirLengthInFourBytes() {
        #expect(
            encode(["Hi", "", "é"], .plain)
                == [2, 0, 0, 0, 0x48, 0x69, 0, 0, 0, 0, 2, 0, 0, 0, 0xC3, 0xA9])
    }

    /// The specification's example.
    @Test func deltaLengthsComeBeforeAllTexts() {
        #expect(
            encode(["Hello", "World", "Foobar", "ABCDEF"], .deltaLengthByteArray)
                == delta([5, 5, 6, 6]) + Array("HelloWorldFoobarABCDEF".utf8))
    }

    /// The specification's example.
    @Test func deltaTextsLeaveOutWhatTheyShareWithTheOneBefore() {
        #expect(
            encode(["axis", "axle", "babble", "babyhood"], .deltaByteArray)
                == delta([0, 2, 0, 3]) + delta([4, 2, 6, 5]) + Array("axislebabbleyhood".utf8))
    }

    @Test func aRangeSharesNothingWithWhatLiesBeforeIt() {
        var output: [UInt8] = []
        encoder(["same", "same"]).append(1..<2, .deltaByteArray, to: &output)
        #expect(output == delta([0]) + delta([4]) + Array("same".utf8))
    }

    @Test func plainNumbersAreLittleEndianInTheirWidth() {
        var values = LeafValues()
        values.numbers = [1, -2]
        var narrow: [UInt8] = []
        ValueEncoder(type: .int32, values: values).append(0..<2, .plain, to: &narrow)
        #expect(narrow == [1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF])
        var wide: [UInt8] = []
        ValueEncoder(type: .timestamp, values: values).append(0..<1, .plain, to: &wide)
        #expect(wide == [1, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func plainBooleansAreBits() {
        var values = LeafValues()
        values.booleans = [1, 0, 1, 1, 0, 0, 0, 0, 1]
        var output: [UInt8] = []
        ValueEncoder(type: .boolean, values: values).append(0..<9, .plain, to: &output)
        #expect(output == [0b1101, 1])
    }
}
