import Compression
import ExportModel
import FileSystem
import Foundation
import TestDisk
import Testing

@testable import Archive
@testable import ProviderSimulator

/// The archive's bytes beside the JSON that the provider sent, pages of the simulator.
@Suite struct ArchiveSizeTests {
    /// 2026-03-01T00:00:00Z
    static let start: Int64 = 1_772_323_200_000
    static let day: Int64 = 86_400_000

    /// A day of `user/out_missed` (v2), ten rows a page as the document says.
    static func v2Pages(account: Int, rows: Int) throws -> [[UInt8]] {
        var options = SimulatorOptions()
        options.rowsPerDay = rows
        let exchange = SimulatedExchange(options: options)
        return try (1...max((rows + 9) / 10, 1)).map { page in
            let form: [String: Any] = [
                "token": "user-\(account)", "from": start, "to": start + day - 1,
                "page": page,
            ]
            return answer(
                exchange, "/v2/user/out_missed", "application/json",
                Array(try JSONSerialization.data(withJSONObject: form)))
        }
    }

    /// A day of Commo's GetBill, 1,000 rows a page.
    static func commoPages(rows: Int) -> [[UInt8]] {
        var options = SimulatorOptions()
        options.rowsPerDay = rows
        let exchange = SimulatedExchange(options: options)
        return (1...rows / 1_000).map { page in
            let form =
                "service=App.Sip_Cdr.GetBill&token=abc&syncflag=3&direction=3&callmethod=0"
                + "&starttime=2026-01-01+08%3A00%3A00&endtime=2026-01-02+07%3A59%3A59"
                + "&itemsperpage=1000&page=\(page)"
            return answer(
                exchange, "/commo", "application/x-www-form-urlencoded", Array(form.utf8))
        }
    }

    static func answer(
        _ exchange: SimulatedExchange, _ path: String, _ type: String, _ body: [UInt8]
    ) -> [UInt8] {
        exchange.answer(
            WireRequest(method: "POST", path: path, query: "", contentType: type, body: body),
            nowMilliseconds: start + 30 * day
        ).answer.body
    }

    /// - Returns: bytes on disk for each byte of JSON.
    static func ratio(_ accounts: [[[UInt8]]], pagesOfASlice: Int) throws -> Double {
        let disk = FakeDisk()
        let archive = try ArchiveLife.open(disk)
        var byteCount = 0
        for (number, pages) in accounts.enumerated() {
            let id = "01JD2M9Y3V4Q8W6R5T7X.\(number)"
            archive.begin("account-\(number)", id: id, fingerprint: "plan 3f2a91c4d5e6b788")
            var rest = pages[...]
            while !rest.isEmpty {
                let slice = rest.prefix(pagesOfASlice)
                rest = rest.dropFirst(pagesOfASlice)
                byteCount += slice.reduce(0) { $0 + $1.count }
                let archived = slice.enumerated().map {
                    ArchivedPage(number: $0.offset + 1, body: $0.element)
                }
                try archive.append(
                    ArchivedSlice(range: nil, counts: ExtractionCounts(), pages: archived), to: id)
            }
            try archive.end(id, .sample(1))
        }
        try archive.commit()
        return Double(disk.image.byteCount) / Double(byteCount)
    }

    @Test func aLargeV2DayTakesAQuarter() throws {
        let pages = try Self.v2Pages(account: 1, rows: 5_000)
        #expect(pages[0].count > 1_000 && pages.count == 500)
        let ratio = try Self.ratio([pages], pagesOfASlice: 200)
        print("archive: v2, 5,000 rows of an account: \(ratio) of the JSON")
        #expect(ratio <= 0.25)
    }

    @Test func smallAccountsShareTheirBlocks() throws {
        let accounts = try (0..<400).map { try Self.v2Pages(account: $0, rows: 10) }
        let ratio = try Self.ratio(accounts, pagesOfASlice: 200)
        print("archive: v2, 400 accounts of 10 rows: \(ratio) of the JSON")
        #expect(ratio <= 0.25)
    }

    @Test func aCommoDayTakesAnEighth() throws {
        let pages = Self.commoPages(rows: 10_000)
        #expect(pages[0].count > 100_000)
        let ratio = try Self.ratio([pages], pagesOfASlice: 200)
        print("archive: Commo, 10,000 rows: \(ratio) of the JSON")
        #expect(ratio <= 0.13)
    }
}
