/// Times of mail headers (RFC 2822, section 3.3), as in `Thu, 19 Nov 2026 07:05:00 +0530`.
enum RFC2822Time {
    static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    /// The zones of section 4.3 that say an offset, in hours east of UTC. The letters of the
    /// military zones do not: they were defined wrongly, and are refused.
    private static let zones = [
        ("GMT", 0), ("UT", 0), ("UTC", 0), ("Z", 0), ("EST", -5), ("EDT", -4), ("CST", -6),
        ("CDT", -5), ("MST", -7), ("MDT", -6), ("PST", -8), ("PDT", -7),
    ]
    private static let zoneNames = zones.map(\.0)

    /// nil where the text has another form, or the weekday is not that of the day.
    static func read(_ text: UnsafeBufferPointer<UInt8>) -> CivilTime? {
        var scanner = TimeScanner(text)
        guard scanner.skipComments() else { return nil }
        let weekday = scanner.word(among: weekdays)
        if weekday != nil {
            guard scanner.skip(","), scanner.skipComments() else { return nil }
        }
        var time = CivilTime()
        guard let day = scanner.number(digits: 1...2), scanner.skipSpaces(),
            let month = scanner.word(among: months), scanner.skipSpaces(),
            let year = scanner.number(digits: 4...4), scanner.skipSpaces(),
            let hour = scanner.number(digits: 2...2), scanner.skip(":"),
            let minute = scanner.number(digits: 2...2)
        else { return nil }
        (time.year, time.month, time.day) = (year, month + 1, day)
        (time.hour, time.minute) = (hour, minute)
        if scanner.skip(":") {
            guard let second = scanner.number(digits: 2...2) else { return nil }
            time.second = second
        }
        guard scanner.skipSpaces(), let offset = zone(&scanner), scanner.skipComments(),
            scanner.isAtEnd, isRight(weekday, of: time)
        else { return nil }
        time.offset = offset
        return time
    }

    private static func zone(_ scanner: inout TimeScanner) -> Int? {
        if let place = scanner.word(among: zoneNames) { return zones[place].1 * 3_600 }
        return scanner.offset(.compact)
    }

    private static func isRight(_ weekday: Int?, of time: CivilTime) -> Bool {
        guard let weekday else { return true }
        guard let date = CivilDate(year: time.year, month: time.month, day: time.day) else {
            return false
        }
        return Self.weekday(of: date) == weekday
    }

    /// 0 is Monday; 1970-01-01 was a Thursday.
    private static func weekday(of date: CivilDate) -> Int {
        Int(Int64(date.daysSinceEpoch + 3).flooredDivision(by: 7).remainder)
    }

    /// Appends a moment with the weekday and the zone's offset.
    static func append(_ moment: Timestamp, in zone: SourceZone, to output: inout [UInt8]) {
        let local = zone.localSeconds(of: moment)
        let (days, second) = local.flooredDivision(by: 86_400)
        let date = CivilDate(daysSinceEpoch: Int(days))
        var text = "\(weekdays[weekday(of: date)]), "
        text += TimePattern.padded(date.day, count: 2) + " \(months[date.month - 1]) "
        text += TimePattern.padded(date.year, count: 4) + " "
        text += [second / 3_600, second / 60 % 60, second % 60]
            .map { TimePattern.padded(Int($0), count: 2) }.joined(separator: ":")
        text += " " + TimePattern.offsetText(zone.offsetSeconds(at: moment), colon: "")
        output.append(contentsOf: text.utf8)
    }
}
