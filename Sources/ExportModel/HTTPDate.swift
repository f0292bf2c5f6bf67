/// A time in a header of HTTP (RFC 9110, section 5.6.7).
public enum HTTPDate {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads the preferred form, `Sun, 06 Nov 1994 08:49:37 GMT`; nil for anything else.
    public static func moment(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 29, bytes[3] == UInt8(ascii: ","),
            let day = number(bytes[5..<7]), let year = number(bytes[12..<16]),
            let hour = number(bytes[17..<19]), let minute = number(bytes[20..<22]),
            let second = number(bytes[23..<25]), hour < 24, minute < 60, second <= 60,
            let month = months.firstIndex(of: String(decoding: bytes[8..<11], as: UTF8.self)),
            let date = CivilDate(year: year, month: month + 1, day: day),
            String(decoding: bytes[26..<29], as: UTF8.self) == "GMT"
        else { return nil }
        let seconds = date.daysSinceEpoch * 86_400 + hour * 3_600 + minute * 60 + second
        return Timestamp(epochMilliseconds: Int64(seconds) * 1_000)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int? {
        Int(String(decoding: bytes, as: UTF8.self))
    }
}
