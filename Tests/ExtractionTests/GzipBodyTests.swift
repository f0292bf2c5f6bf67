import Compression
import ExportModel
import Foundation
import PageDecoding
import Testing

@testable import Extraction

/// Bodies that are gzip files, whatever the headers of their response say.
@Suite struct GzipBodyTests {
    /// `{"count":1,"cdr":[{"cmiuid":"a","time":1}],"code":200}`
    private static let zipped = Array(
        Data(
            base64Encoded: "H4sIAAAAAAACA6tWSs4vzStRsjLUUUpOKVKyiq5WSs7NLM1MUbJSSlTSUSrJ"
                + "zE0FytbGAuXzU4BMIwODWgA1AU1PNgAAAA==") ?? Data())

    private func code(of body: [UInt8]) throws -> String? {
        let reader = try AnswerReader(
            endpoint: Catalog.userOutMissed, environment: stillEnvironment())
        do throws(ExtractionError) {
            let page = try reader.page(in: body)
            #expect(page.decoded.page.rows.count == 1 && page.total == 1)
            #expect(page.decoded.page.body.first == UInt8(ascii: "{"))
            return nil
        } catch {
            return error.code
        }
    }

    @Test func aGzipFileIsReadLikeWhatItHolds() throws {
        #expect(try code(of: Self.zipped) == nil)
    }

    @Test func whatIsCutOrDamagedIsRefused() throws {
        let body = Self.zipped
        #expect(try code(of: Array(body.dropLast(1))) == "cut_body")
        #expect(try code(of: Array(body.prefix(20))) == "cut_body")
        #expect(try code(of: Array(body.prefix(2))) == "cut_body")
        #expect(try code(of: body + [0]) == "not_gzip")
        for place in [3, 20, body.count - 8, body.count - 1] {
            var damaged = body
            damaged[place] ^= 0x55
            let code = try code(of: damaged)
            #expect(["not_gzip", "cut_body"].contains(code), "byte \(place): \(code ?? "read")")
        }
    }

    @Test func moreThanAPageHoldsIsRefused() throws {
        var bomb: [UInt8] = []
        let stream = try CompressionStream(.gzip(level: 1))
        let spaces = [UInt8](repeating: 0x20, count: 1 << 20)
        for _ in 0..<65 { try stream.append(spaces, to: &bomb) }
        try stream.finish(into: &bomb)
        #expect(bomb.count < 1 << 20)
        #expect(try code(of: bomb) == "too_large")
    }
}
