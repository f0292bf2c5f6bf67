import ExportModel
import Foundation
import Testing

@Suite struct TimeFormatTests {
    private static let utc = SourceZone(identifier: "Z", offsetSeconds: 0)
    private static let kolkata = SourceZone(identifier: "+05:30", offsetSeconds: 19_800)

    /// ISO 8601, or why not.
    private func read(_ text: String, as name: String, in zone: SourceZone = utc) throws -> String {
        let format = try #require(TimeFormat(named: name))
        #expect(format.name == name)
        return Array(text.utf8).withUnsafeBufferPointer { bytes in
            switch format.read(bytes, in: zone) {
            case .exact(let value): Timestamp(epochMilliseconds: value).iso8601
            case .malformed: "malformed"
            case .doesNotFit: "does not fit"
            }
        }
    }

    @Test(arguments: [
        ("0", "epoch_s", "1970-01-01T00:00:00.000Z"),
        ("1763535900", "epoch_s", "2025-11-19T07:05:00.000Z"),
        ("-1", "epoch_s", "1969-12-31T23:59:59.000Z"),
        ("1763535900.25", "epoch_s", "2025-11-19T07:05:00.250Z"),
        ("1763535900.999999999", "epoch_s", "2025-11-19T07:05:00.999Z"),
        ("-0.5", "epoch_s", "1969-12-31T23:59:59.500Z"),
        ("1.7635359e9", "epoch_s", "2025-11-19T07:05:00.000Z"),
        ("253402300799", "epoch_s", "9999-12-31T23:59:59.000Z"),
        ("253402300800", "epoch_s", "does not fit"),
        ("1763535900.1234567891", "epoch_s", "does not fit"),
        ("99999999999999999999", "epoch_s", "does not fit"),
        ("9223372036854775807", "epoch_s", "does not fit"),
        ("", "epoch_s", "malformed"),
        ("soon", "epoch_s", "malformed"),
        ("1763535900250", "epoch_ms", "2025-11-19T07:05:00.250Z"),
        ("1763535900250.5", "epoch_ms", "does not fit"),
        ("1763535900250999", "epoch_us", "2025-11-19T07:05:00.250Z"),
        ("-1", "epoch_us", "1969-12-31T23:59:59.999Z"),
        ("253402300800000000", "epoch_us", "does not fit"),
        ("2026-11-19 07:05:00", "local_datetime", "2026-11-19T07:05:00.000Z"),
        ("2026-02-29 07:05:00", "local_datetime", "malformed"),
        ("2026-11-19", "date", "2026-11-19T00:00:00.000Z"),
        ("2024-02-29", "date", "2024-02-29T00:00:00.000Z"),
        ("2023-02-29", "date", "malformed"),
        ("2026-11-19 ", "date", "malformed"),
    ])
    func numbersAndDatesAreExact(text: String, name: String, expected: String) throws {
        #expect(try read(text, as: name) == expected)
    }

    @Test(arguments: [
        ("2026-11-19T07:05:00Z", "2026-11-19T07:05:00.000Z"),
        ("2026-11-19t07:05:00z", "2026-11-19T07:05:00.000Z"),
        ("2026-11-19 07:05:00Z", "2026-11-19T07:05:00.000Z"),
        ("2026-11-19T07:05Z", "2026-11-19T07:05:00.000Z"),
        ("2026-11-19T07:05:00+05:30", "2026-11-19T01:35:00.000Z"),
        ("2026-11-19T07:05:00+0530", "2026-11-19T01:35:00.000Z"),
        ("2026-11-19T07:05:00-08", "2026-11-19T15:05:00.000Z"),
        ("2026-11-19T07:05:00-00:00", "2026-11-19T07:05:00.000Z"),
        ("2026-11-19 07:05:00 +05:30", "2026-11-19T01:35:00.000Z"),
        ("2026-11-19T07:05:00", "2026-11-19T01:35:00.000Z"),
        ("2026-11-19T07:05", "2026-11-19T01:35:00.000Z"),
        ("2026-11-19T07:05:00.1Z", "2026-11-19T07:05:00.100Z"),
        ("2026-11-19T07:05:00.12Z", "2026-11-19T07:05:00.120Z"),
        ("2026-11-19T07:05:00,123Z", "2026-11-19T07:05:00.123Z"),
        ("2026-11-19T07:05:00.1239Z", "2026-11-19T07:05:00.123Z"),
        ("2026-11-19T07:05:00.999999Z", "2026-11-19T07:05:00.999Z"),
        ("2026-11-19T07:05:00.999999999Z", "2026-11-19T07:05:00.999Z"),
        ("2026-11-19T07:05:00.25", "2026-11-19T01:35:00.250Z"),
        ("2024-02-29T23:59:59+14:00", "2024-02-29T09:59:59.000Z"),
        ("2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ("0001-01-01T00:00:00+00:01", "does not fit"),
        ("9999-12-31T23:59:59-00:01", "does not fit"),
        ("0000-01-01T00:00:00Z", "malformed"),
        ("1900-02-29T00:00:00Z", "malformed"),
        ("2026-13-01T00:00:00Z", "malformed"),
        ("2026-11-31T00:00:00Z", "malformed"),
        ("2026-11-19T24:00:00Z", "malformed"),
        ("2026-11-19T23:60:00Z", "malformed"),
        ("2026-11-19T23:59:60Z", "malformed"),
        ("2026-11-19T07:05:00.Z", "malformed"),
        ("2026-11-19T07:05:00+5:30", "malformed"),
        ("2026-11-19T07:05:00+05:60", "malformed"),
        ("2026-11-19T07:05:00+19:00", "malformed"),
        ("2026-11-19T07:05:00+05:3", "malformed"),
        ("2026-11-19T07:05:00ZZ", "malformed"),
        ("2026-11-19T07:05:00 IST", "malformed"),
        ("2026-11-19T07Z", "malformed"),
        ("2026-11-19", "malformed"),
        ("+2026-11-19T07:05:00Z", "malformed"),
        ("20261119T070500Z", "malformed"),
        ("2026-W47-4T07:05:00Z", "malformed"),
        ("1763535900", "malformed"),
        ("", "malformed"),
    ])
    func isoTimesWithAndWithoutOffset(text: String, expected: String) throws {
        #expect(try read(text, as: "iso8601", in: Self.kolkata) == expected)
    }

    @Test func aTimeThatTheClockSkipsIsNone() throws {
        let zone = try #require(SourceZone(parsing: "Europe/Paris"))
        #expect(try read("2024-03-31T02:30:00", as: "iso8601", in: zone) == "malformed")
        #expect(
            try read("2024-03-31T02:30:00+01:00", as: "iso8601", in: zone)
                == "2024-03-31T01:30:00.000Z")
        // A time that comes twice is the first of the two.
        #expect(
            try read("2024-10-27T02:30:00", as: "iso8601", in: zone) == "2024-10-27T00:30:00.000Z")
    }

    @Test(arguments: [
        ("Thu, 19 Nov 2026 07:05:00 +0530", "2026-11-19T01:35:00.000Z"),
        ("19 Nov 2026 07:05:00 -0000", "2026-11-19T07:05:00.000Z"),
        ("thu, 19 NOV 2026 07:05 GMT", "2026-11-19T07:05:00.000Z"),
        ("Fri, 1 Jan 2027 07:05:00 UT", "2027-01-01T07:05:00.000Z"),
        ("Fri, 01 Jan 2027 07:05:00 Z", "2027-01-01T07:05:00.000Z"),
        ("Thu, 19 Nov 2026 07:05:00 EST", "2026-11-19T12:05:00.000Z"),
        ("Thu, 19 Nov 2026 07:05:00 PDT", "2026-11-19T14:05:00.000Z"),
        ("Thu, 19 Nov 2026 07:05:00 -0500 (EST)", "2026-11-19T12:05:00.000Z"),
        ("(a (b) \\) c) Thu,  19  Nov  2026 07:05:00 +0000 ()", "2026-11-19T07:05:00.000Z"),
        ("Thu, 29 Feb 2024 00:00:00 +0000", "2024-02-29T00:00:00.000Z"),
        ("Wed, 19 Nov 2026 07:05:00 +0000", "malformed"),
        ("Thu, 29 Feb 2023 00:00:00 +0000", "malformed"),
        ("Thu, 19 Nov 26 07:05:00 +0000", "malformed"),
        ("Thu, 19 Nov 2026 07:05:00 A", "malformed"),
        ("Thu, 19 Nov 2026 07:05:00 IST", "malformed"),
        ("Thu, 19 Nov 2026 07:05:00 +05:30", "malformed"),
        ("Thu, 19 Nov 2026 07:05:00", "malformed"),
        ("Thu 19 Nov 2026 07:05:00 +0000", "malformed"),
        ("Thu, 19 November 2026 07:05:00 +0000", "malformed"),
        ("Thu, 19 Nov 2026 07:05:00 +0000 (open", "malformed"),
        ("Thu, 19 Nov 2026 24:05:00 +0000", "malformed"),
        ("Thu, 19 Nov 2026 7:05:00 +0000", "malformed"),
        ("", "malformed"),
    ])
    func mailTimes(text: String, expected: String) throws {
        #expect(try read(text, as: "rfc2822", in: Self.kolkata) == expected)
    }

    @Test(arguments: [
        ("yyyy-MM-dd HH:mm:ssXXX", "2026-11-19 07:05:00+05:30", "2026-11-19T01:35:00.000Z"),
        ("yyyy-MM-dd HH:mm:ssXXX", "2026-11-19 07:05:00Z", "2026-11-19T07:05:00.000Z"),
        ("yyyy-MM-dd HH:mm:ssXXX", "2026-11-19 07:05:00+0530", "malformed"),
        ("yyyy-MM-dd HH:mm:ssX", "2026-11-19 07:05:00+05", "2026-11-19T02:05:00.000Z"),
        ("yyyy-MM-dd HH:mm:ssXX", "2026-11-19 07:05:00+05", "malformed"),
        ("yyyy-MM-dd HH:mm:ssZ", "2026-11-19 07:05:00Z", "malformed"),
        ("yyyy-MM-dd HH:mm:ssZ", "2026-11-19 07:05:00-0000", "2026-11-19T07:05:00.000Z"),
        ("dd/MM/yyyy hh:mm:ss a", "19/11/2026 12:05:00 AM", "2026-11-18T18:35:00.000Z"),
        ("dd/MM/yyyy hh:mm:ss a", "19/11/2026 12:05:00 pm", "2026-11-19T06:35:00.000Z"),
        ("dd/MM/yyyy hh:mm:ss a", "19/11/2026 13:05:00 PM", "malformed"),
        ("dd/MM/yyyy hh:mm:ss a", "19/11/2026 00:05:00 AM", "malformed"),
        ("M/d/yy H:mm", "3/9/26 7:05", "2026-03-09T01:35:00.000Z"),
        ("M/d/yy H:mm", "03/09/26 07:05", "2026-03-09T01:35:00.000Z"),
        ("yyyyMMdd'T'HHmmssSSS", "20261119T070500123", "2026-11-19T01:35:00.123Z"),
        ("yyyyMMdd'T'HHmmss", "20261119T07050", "malformed"),
        (
            "yyyy-MM-dd HH:mm:ss.SSSSSSSSS", "2026-11-19 07:05:00.999999999",
            "2026-11-19T01:35:00.999Z"
        ),
        ("yyyy-MM-dd HH:mm:ss.S", "2026-11-19 07:05:00.9", "2026-11-19T01:35:00.900Z"),
        ("yyyy-MM-dd HH:mm:ss.S", "2026-11-19 07:05:00.90", "malformed"),
        (
            "dd MMM yyyy 'at' HH 'o''clock'", "19 nov 2026 at 07 o'clock",
            "2026-11-19T01:30:00.000Z"
        ),
        ("yyyy年MM月dd日", "", "not a pattern"),
        ("d.M.y", "9.3.2026", "2026-03-08T18:30:00.000Z"),
        ("yyyy-MM-dd", "2024-02-29", "2024-02-28T18:30:00.000Z"),
        ("yyyy-MM-dd", "2023-02-29", "malformed"),
        ("HH:mm", "", "not a pattern"),
        ("yyyy-MM-dd mm", "", "not a pattern"),
        ("yyyy-MM-dd hh:mm", "", "not a pattern"),
        ("yyyy-MM-dd HH:mm a", "", "not a pattern"),
        ("yyyy-MM-dd HH:ss", "", "not a pattern"),
        ("yyyy-MM-dd X", "", "not a pattern"),
        ("yyyy-MM-dd yyyy", "", "not a pattern"),
        ("yyy-MM-dd", "", "not a pattern"),
        ("yyyy-MM-dd 'T", "", "not a pattern"),
        ("EEE, yyyy-MM-dd", "", "not a pattern"),
        ("", "", "not a pattern"),
    ])
    func patternsOfTheEntrysOwn(pattern: String, text: String, expected: String) throws {
        guard TimeFormat(named: "pattern(\(pattern))") != nil else {
            #expect(expected == "not a pattern")
            return
        }
        #expect(try read(text, as: "pattern(\(pattern))", in: Self.kolkata) == expected)
    }

    @Test(arguments: [
        ("epoch_s", "1795071900", 1_000),
        ("epoch_ms", "1795071900250", 1),
        ("epoch_us", "1795071900250000", 1),
        ("iso8601", "2026-11-19T07:05:00.250Z", 1),
        ("rfc2822", "Thu, 19 Nov 2026 12:35:00 +0530", 1_000),
        ("local_datetime", "2026-11-19 12:35:00", 1_000),
        ("date", "2026-11-19", 86_400_000),
        ("pattern(yyyy-MM-dd HH:mm:ssXXX)", "2026-11-19 12:35:00+05:30", 1_000),
        ("pattern(yyyy-MM-dd HH:mmZ)", "2026-11-19 12:35+0530", 60_000),
        ("pattern(d.M.yy h:m:s.SS a)", "19.11.26 12:35:0.25 PM", 10),
        ("pattern(dd-MMM-yyyy'T'HH)", "19-Nov-2026T12", 3_600_000),
    ])
    func momentIsWrittenAsTheProviderReadsIt(name: String, expected: String, unit: Int64) throws {
        let format = try #require(TimeFormat(named: name))
        let moment = Timestamp(epochMilliseconds: 1_795_071_900_250)
        #expect(format.text(of: moment, in: Self.kolkata) == expected)
        #expect(format.unitMilliseconds == unit)
    }

    @Test func wholeSecondsAreWrittenWithoutAFraction() throws {
        let moment = Timestamp(epochMilliseconds: 1_795_071_900_000)
        #expect(TimeFormat.iso8601.text(of: moment, in: Self.kolkata) == "2026-11-19T07:05:00Z")
        let zero = try #require(TimeFormat(named: "pattern(yyyy-MM-dd HHX)"))
        #expect(zero.text(of: moment, in: Self.utc) == "2026-11-19 07Z")
        #expect(zero.text(of: moment, in: Self.kolkata) == "2026-11-19 12+0530")
    }

    @Test(arguments: ["epoch", "iso", "pattern()", "pattern(HH)", "Pattern(yMd)", ""])
    func unknownNameIsNone(name: String) {
        #expect(TimeFormat(named: name) == nil)
    }

    /// What is written is read back as the same moment, in every format, at 2,000 moments.
    @Test func whatIsWrittenIsReadBack() throws {
        var random = SeededGenerator(state: 20_261_119)
        let zones = try ["+05:30", "-03:30", "America/New_York", "Z"].map {
            try #require(SourceZone(parsing: $0))
        }
        let names =
            TimeFormat.names.dropLast() + [
                "pattern(yyyy-MM-dd HH:mm:ss.SSSXXX)", "pattern(d/M/yyyy h:mm:ss a Z)",
                "pattern(yyyyMMddHHmmssX)",
            ]
        for _ in 0..<2_000 {
            let value = Int64.random(in: 0...4_000_000_000_000, using: &random)
            let zone = zones[Int.random(in: 0..<zones.count, using: &random)]
            for format in names.compactMap(TimeFormat.init(named:)) {
                let text = format.text(of: Timestamp(epochMilliseconds: value), in: zone)
                let read = Array(text.utf8).withUnsafeBufferPointer { format.read($0, in: zone) }
                guard case .exact(let moment) = read else {
                    Issue.record("\(format.name) does not read its own \(text)")
                    continue
                }
                // A local time that comes twice is read as the first.
                let early = format.needsZone && format != .iso8601 ? 3_600_000 : Int64(0)
                #expect(
                    value - format.unitMilliseconds * 2 - early <= moment && moment <= value,
                    "\(format.name) \(text)")
            }
        }
    }

    /// Foundation's reader, which knows no fraction and no missing offset, agrees.
    @Test func anIndependentReaderAgrees() throws {
        var random = SeededGenerator(state: 8_601)
        let judge = ISO8601DateFormatter()
        for _ in 0..<2_000 {
            let seconds = Int64.random(in: -2_000_000_000...10_000_000_000, using: &random)
            judge.timeZone = TimeZone(
                secondsFromGMT: Int.random(in: -56...56, using: &random) * 900)
            let text = judge.string(from: Date(timeIntervalSince1970: TimeInterval(seconds)))
            let read = Array(text.utf8).withUnsafeBufferPointer {
                TimeFormat.iso8601.read($0, in: Self.kolkata)
            }
            #expect(read == .exact(seconds * 1_000), "\(text)")
        }
    }
}
