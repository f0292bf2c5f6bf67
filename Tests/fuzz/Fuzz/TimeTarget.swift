import ExportModel

/// Providers' times: what is read prints as the same time again.
enum TimeTarget {
    private static let zones = ["+08:00", "-12:00", "Asia/Kolkata", "America/New_York"]
        .compactMap { SourceZone(parsing: $0) }

    static func run(_ bytes: [UInt8]) {
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
