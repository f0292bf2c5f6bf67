import ExportModel
import Testing

@testable import PartitionWriting

@Suite struct RowCounterTests {
    private func count(_ text: String, _ counter: any RowCounter, pieceByteCount: Int) -> Int? {
        var counter = counter
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
            bytes[start..<min(start + pieceByteCount, bytes.count)].withUnsafeBytes {
                counter.append($0)
            }
        }
        return counter.finish()
    }

    @Test(arguments: [
        ("a,b\n1,2\n3,4\n", 2),
        ("a;b\r\n1;2\r\n", 1),
        ("1,2\n3,4\n", 2),
        ("a,b\n\"two\nlines\",\"say \"\"hi\"\"\n\"\n", 1),
        ("a,b\n", 0),
        ("", 0),
        ("a,b\n1,2", nil),
        ("a,b\n1,\"2\n", nil),
    ])
    func csvRecordsAreCounted(text: String, expected: Int?) {
        for pieceByteCount in [1, 3, 1_000] {
            let counter = CSVRowCounter(columnNames: ["a", "b"])
            #expect(count(text, counter, pieceByteCount: pieceByteCount) == expected)
        }
    }

    @Test func csvHeaderIsFoundWhateverItsQuotes() {
        let counter = CSVRowCounter(columnNames: ["a,\"b", "c"])
        #expect(count("\"a,\"\"b\",c\n1,2\n", counter, pieceByteCount: 2) == 1)
        let single = CSVRowCounter(columnNames: ["a"])
        #expect(count("a\nb\n", single, pieceByteCount: 1) == 1)
        #expect(count("b\na\n", single, pieceByteCount: 1) == 2)
    }

    @Test func linesAreCounted() {
        #expect(count("{}\n{}\n", LineCounter(), pieceByteCount: 2) == 2)
        #expect(count("", LineCounter(), pieceByteCount: 2) == 0)
        #expect(count("{}\n{", LineCounter(), pieceByteCount: 2) == nil)
    }
}
