import ExportModel

/// Commo's times: `yyyy-mm-dd hh:mm:ss` at +08:00, whatever the country called.
enum CommoTime {
    private static let offsetSeconds: Int64 = 8 * 3_600

    /// - Parameter epochMilliseconds: not negative; the fraction of a second is cut off.
    static func text(
        ofEpochMilliseconds epochMilliseconds: Int64, offsetSeconds: Int64 = offsetSeconds
    ) -> String {
        let local = epochMilliseconds / 1_000 + offsetSeconds
        let second = Int(local % 86_400)
        let parts = [second / 3_600, second / 60 % 60, second % 60]
        let clock = parts.map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
        return "\(CivilDate(daysSinceEpoch: Int(local / 86_400))) \(clock)"
    }

    /// nil unless the text has exactly the documented form and names a real time since 1970.
    static func epochMilliseconds(_ text: String) -> Int64? {
        localSeconds(text).map { ($0 - offsetSeconds) * 1_000 }
    }

    /// Seconds since 1970-01-01 00:00:00 of the text's own zone.
    static func localSeconds(_ text: String) -> Int64? {
        let halves = text.split(separator: " ", omittingEmptySubsequences: false)
        guard halves.count == 2, let date = CivilDate(iso8601: String(halves[0])) else {
            return nil
        }
        let parts = halves[1].split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { $0.utf8.count == 2 ? UInt8($0) : nil }
        guard parts.count == 3, numbers.count == 3, numbers[0] < 24, numbers[1] < 60,
            numbers[2] < 60
        else { return nil }
        return Int64(date.daysSinceEpoch) * 86_400 + Int64(numbers[0]) * 3_600
            + Int64(numbers[1]) * 60 + Int64(numbers[2])
    }
}
