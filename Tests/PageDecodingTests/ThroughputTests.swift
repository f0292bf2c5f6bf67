import ExportModel
import Foundation
import PageDecoding
import Testing

/// `BENCHMARK=1 swift test -c release --filter throughput` prints figures; nothing is asserted.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["BENCHMARK"] != nil))
struct ThroughputTests {
    @Test func throughputOfThousandRowPages() throws {
        let rows = (0..<1_000).map { row in
            """
            {"cmiuid":"834a35bb-733a-4839-8338-\(900_000_000_000 + row)","duration":\(row % 60),\
            "billedsec":\(row % 50),"rate":0.0231,"name":"unknown","from":"55000000\(1_000 + row)",\
            "to":6140000\(1_000 + row),"time":\(1_654_182_968_809 + row)}
            """
        }
        let body = Array(
            "{\"count\":1000,\"cdr\":[\(rows.joined(separator: ","))],\"code\":200}".utf8)
        let decoder = try PageDecoder(
            PageLayout(
                endpoint: [
                    "cmiuid", "duration", "notes", "billedsec", "rate", "name", "from", "to",
                    "time",
                ], rows: JSONPath(dotted: "cdr"), captures: [JSONPath(dotted: "count")]))
        var rowCount = 0
        let pageCount = 2_000
        let start = clock()
        for _ in 0..<pageCount { rowCount += try decoder.decode(body).page.rows.count }
        #expect(rowCount == pageCount * 1_000)
        // Processor time, so that a busy machine does not change the figure.
        let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
        print(
            "decode: \(Int(Double(body.count * pageCount) / seconds / 1e6)) MB/s, "
                + "\(Int(seconds * 1e9 / Double(rowCount))) ns a row of \(body.count / 1_000) bytes"
        )
    }
}
