import ExportModel
import Testing

@testable import PartitionFormats

@Suite struct RowContentDigestTests {
    private static let columns: [(String, ColumnType)] = [
        ("a", .text), ("b", .int), ("c", .bool), ("d", .decimal(precision: 18, scale: 6)),
        ("e", .notes), ("f", .json), ("g", .timestamp),
        ("h", .date),
    ]

    private static let row: [TestCell] = [
        .text("x"), .number(-1), .bool(true), .number(1_500_000),
        .notes([("hi", 7, nil)]), .text("{}"), .number(86_400_000),
        .number(258),
    ]

    private static func digest(_ rows: [[TestCell]]) -> String {
        var digest = RowContentDigest()
        _ = digest.append(TestTable.batch(columns, rows))
        return digest.hexadecimal
    }

    @Test func bytesAreThoseThatAreDocumented() {
        let bytes: [UInt8] =
            [1, 1, 0, 0, 0, UInt8(ascii: "x")]
            + [1, 255, 255, 255, 255, 255, 255, 255, 255]
            + [1, 1]
            + [1, 0x60, 0xE3, 0x16, 0, 0, 0, 0, 0]
            + [1, 1, 0, 0, 0, 1, 2, 0, 0, 0] + Array("hi".utf8) + [1, 7, 0, 0, 0, 0, 0, 0, 0, 0]
            + [1, 2, 0, 0, 0] + Array("{}".utf8)
            + [1, 0, 0x5C, 0x26, 5, 0, 0, 0, 0]
            + [1, 2, 1, 0, 0, 0, 0, 0, 0]
        let nulls = [UInt8](repeating: 0, count: 8)
        #expect(
            Self.digest([Self.row, Array(repeating: .null, count: 8)])
                == ContentDigest.hexadecimal(of: bytes + nulls))
    }

    @Test func eachCellCounts() {
        var seen: Set<String> = [Self.digest([Self.row])]
        let others: [[TestCell]] = [
            [.null, .text(""), .text("y")], [.null, .number(0), .number(1)],
            [.null, .bool(false)], [.null, .number(0)],
            [
                .null, .notes([]), .notes([("hi", 7, "")]), .notes([(nil, 7, nil)]),
                .notes([("hi", 7, nil), ("hi", 7, nil)]),
            ],
            [.null, .text("[]")], [.null, .number(86_400_001)],
        ]
        var count = 1
        for (column, cells) in others.enumerated() {
            for cell in cells {
                var row = Self.row
                row[column] = cell
                seen.insert(Self.digest([row]))
                count += 1
            }
        }
        #expect(seen.count == count)
    }

    @Test func batchesLeaveNoTraceAndOrderCounts() {
        let rows = (0..<2_100).map { index -> [TestCell] in
            var row = Self.row
            row[0] = index % 3 == 0 ? .null : .text(String(repeating: "z", count: index % 40))
            row[1] = .number(Int64(index))
            return row
        }
        var whole = RowContentDigest()
        let hashes = whole.append(TestTable.batch(Self.columns, rows))
        #expect(Set(hashes).count == rows.count)
        for size in [1, 7, 1_023, 1_024, 1_025] {
            var cut = RowContentDigest()
            var found: [UInt64] = []
            for start in stride(from: 0, to: rows.count, by: size) {
                let part = Array(rows[start..<min(start + size, rows.count)])
                found += cut.append(TestTable.batch(Self.columns, part))
            }
            #expect(cut.hexadecimal == whole.hexadecimal)
            #expect(found == hashes)
        }
        #expect(Self.digest(Array(rows.reversed())) != whole.hexadecimal)
    }
}
