import Testing

@testable import ParquetEncoding

@Suite struct ThriftCompactWriterTests {
    @Test func shortFieldStepsShareAByteWithTheKind() {
        var writer = ThriftCompactWriter()
        writer.appendStructure { writer in
            writer.writeInt32(1, field: 1)
            writer.writeInt64(-2, field: 3)
            writer.writeBool(true, field: 4)
            writer.writeBool(false, field: 5)
            writer.writeInt8(32, field: 6)
        }
        #expect(writer.bytes == [0x15, 2, 0x26, 3, 0x11, 0x12, 0x13, 32, 0])
    }

    @Test func longFieldStepsCarryTheFieldNumber() {
        var writer = ThriftCompactWriter()
        writer.appendStructure { writer in
            writer.writeInt32(300, field: 16)
            writer.writeBinary([0xAA, 0xBB], field: 17)
        }
        #expect(writer.bytes == [0x05, 32, 0xD8, 0x04, 0x18, 2, 0xAA, 0xBB, 0])
    }

    @Test func nestedStructsCountTheirFieldsAnew() {
        var writer = ThriftCompactWriter()
        writer.appendStructure { writer in
            writer.writeStructure(field: 8) { $0.writeBool(true, field: 1) }
            writer.writeInt32(0, field: 9)
        }
        #expect(writer.bytes == [0x8C, 0x11, 0, 0x15, 0, 0])
    }

    @Test func listsOfFifteenCarryTheirCountInBytesOfItsOwn() {
        var writer = ThriftCompactWriter()
        writer.writeList([1, -1], of: .int64, field: 1) { $0.appendInteger($1) }
        #expect(writer.bytes == [0x19, 0x26, 2, 1])

        var long = ThriftCompactWriter()
        long.writeList(Array(repeating: true, count: 15), of: .boolTrue, field: 1) {
            $0.appendBool($1)
        }
        #expect(long.bytes == [0x19, 0xF1, 15] + Array(repeating: 1, count: 15))
    }
}
