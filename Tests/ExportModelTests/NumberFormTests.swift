import ExportModel
import Testing

@Suite struct NumberFormTests {
    private func e164(_ text: String, _ form: String) throws -> String? {
        let form = try #require(NumberForm(form))
        var output = Array("x".utf8)
        let isCertain = Array(text.utf8).withUnsafeBufferPointer {
            form.appendE164($0, to: &output)
        }
        if !isCertain { #expect(output == Array("x".utf8)) }
        return isCertain ? String(decoding: output.dropFirst(), as: UTF8.self) : nil
    }

    @Test(
        arguments: [
            // National, with trunk prefix, with country code, with international prefix, with `+`.
            ("9876543210", "IN", "+919876543210"), ("09876543210", "IN", "+919876543210"),
            ("919876543210", "IN", "+919876543210"), ("00919876543210", "IN", "+919876543210"),
            ("+919876543210", "IN", "+919876543210"), ("+44 20-7946.0000", "IN", "+442079460000"),
            ("00442079460000", "IN", "+442079460000"), ("98765 43210", "IN", "+919876543210"),
            ("13387525701", "CN", "+8613387525701"), ("02079460000", "GB", "+442079460000"),
            ("12125550100", "US", "+12125550100"), ("2125550100", "US", "+12125550100"),
            ("011442079460000", "US", "+442079460000"), ("89123456789", "RU", "+79123456789"),
            ("0612345678", "IT", "+390612345678"), ("0709123456", "CI", "+2250709123456"),
            ("442079460000", "international", "+442079460000"),
            ("6581234567", "international", "+6581234567"),
            ("5511999999999", "international", "+5511999999999"),
        ])
    func certainNumbersAreCompleted(text: String, form: String, expected: String) throws {
        #expect(try e164(text, form) == expected)
    }

    @Test(
        arguments: [
            // Of another country, which nothing says; too short; no number; two countries at once.
            ("442079460000", "IN"), ("103", "IN"), ("209_1111113", "IN"), ("", "IN"), ("+", "IN"),
            ("0000000000", "IN"), ("00", "IN"), ("+0123456789", "IN"), ("+1234567890123456", "IN"),
            ("anonymous", "IN"), ("9876543210,5", "IN"), ("98+76543210", "IN"),
            // The zero that is only dialed within the country.
            ("+4402079460000", "IN"), ("4402079460000", "international"),
            // National, or with the country code of Germany.
            ("4930123456", "DE"), ("11255501000", "US"), ("1125550100", "US"),
            // No country's; not as long as its numbers.
            ("2101234567", "international"), ("91123", "international"),
            ("9876543210", "international"), ("2171234567", "international"),
        ])
    func doubtfulNumbersAreNot(text: String, form: String) throws {
        #expect(try e164(text, form) == nil)
    }

    @Test func formsAreCountriesOrInternational() throws {
        for text in ["in", "XX", "BR", "IND", "", "International"] {
            #expect(NumberForm(text) == nil)
        }
        let india = try #require(NumberForm("IN"))
        #expect(india != NumberForm("GB"))
        #expect("\(india)".hasPrefix("IN "))
    }
}
