import ExportModel

/// Providers' times: what is read prints as the same time again.
enum TimeTarget {
    private static let zones = ["+08:00", "-12:00", "Asia/Kolkata", "America/New_York"]
        .compactMap { SourceZone(parsing: $0) }

    private static let formats =
        (TimeFormat.names + ["pattern(d/M/yy h:m:s.SSS a X)", "pattern(yyyyMMdd'T'HHmmssXXX)"])
        .compactMap(TimeFormat.init(named:))

    /// What is read lies in the years 1 to 9999, and reads the same when it is written again.
    private static func readInEveryFormat(_ text: UnsafeBufferPointer<UInt8>) {
        for zone in zones {
            for format in formats {
                guard case .exact(let value) = format.read(text, in: zone) else { continue }
                let moment = Timestamp(epochMilliseconds: value)
                precondition(Timestamp.supported.contains(moment), "a moment out of range")
                if format.unitMilliseconds > 1 || moment.epochMilliseconds % 1_000 != 0 { continue }
                let written = Array(format.text(of: moment, in: zone).utf8)
                let again = written.withUnsafeBufferPointer { format.read($0, in: zone) }
                precondition(again == .exact(value), "a moment is written as another")
            }
        }
        for format in DurationFormat.allCases { _ = format.read(text) }
    }

    static func run(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer(readInEveryFormat)
        bytes.withUnsafeBufferPointer { text in
            if let milliseconds = TimestampText.epochMilliseconds(text) {
                let moment = Timestamp(epochMilliseconds: milliseconds)
                precondition(moment.iso8601.utf8.count == 24, "a year of more than four digits")
            }
            guard let seconds = TimestampText.localSeconds(text) else { return }
            var printed: [UInt8] = []
            TimestampText.appendLocalDateTime(seconds, to: &printed)
            var read = bytes
            read[10] = UInt8(ascii: " ")
            precondition(printed == read, "a local time prints as another")
            for zone in zones {
                guard let moment = zone.moment(ofLocalSeconds: seconds) else { continue }
                precondition(moment.iso8601.utf8.count == 24, "a year of more than four digits")
            }
        }
    }
}
