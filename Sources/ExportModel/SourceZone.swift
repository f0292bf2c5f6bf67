public import Foundation

/// The zone of a provider's zone-less times: a fixed offset, or a named zone with its transitions.
///
/// Conversions are table look-ups; Foundation is asked once, when the zone is made.
public struct SourceZone: Hashable, Sendable {
    /// As written in the pipeline file: `+08:00` or an IANA name.
    public let identifier: String
    private let offsets: ZoneOffsets

    /// A zone that never changes its offset (seconds east of UTC, within ±18 h).
    public init(identifier: String, offsetSeconds: Int) {
        self.identifier = identifier
        offsets = ZoneOffsets(Int64(offsetSeconds))
    }

    /// Takes over a named zone's offsets from 1970 to 2100.
    public init(_ zone: TimeZone) {
        identifier = zone.identifier
        offsets = ZoneOffsets(zone, from: 0, to: 4_102_444_800, probeSeconds: 7 * 86_400)
    }

    /// Reads `+08:00`, `-03:30`, `Z` or an IANA name; nil for anything else.
    public init?(parsing text: String) {
        if text == "Z" {
            self.init(identifier: text, offsetSeconds: 0)
            return
        }
        let bytes = Array(text.utf8)
        if bytes.count == 6, bytes[3] == UInt8(ascii: ":"),
            bytes[0] == UInt8(ascii: "+") || bytes[0] == UInt8(ascii: "-"),
            let hours = TimestampText.number(bytes[1..<3]),
            let minutes = TimestampText.number(bytes[4..<6]), hours <= 18, minutes < 60
        {
            let sign = bytes[0] == UInt8(ascii: "-") ? -1 : 1
            self.init(identifier: text, offsetSeconds: sign * (hours * 3_600 + minutes * 60))
            return
        }
        guard let zone = TimeZone(identifier: text) else { return nil }
        self.init(zone)
    }

    /// Whether the offset changes within `range`.
    public func changes(within range: TimeRange) -> Bool {
        offsets.index(atUTC: range.start.epochMilliseconds / 1_000)
            != offsets.index(atUTC: range.end.epochMilliseconds / 1_000)
    }

    /// Local seconds since 1970-01-01 00:00:00 of a UTC moment; the fraction of a second is cut
    /// off.
    public func localSeconds(of moment: Timestamp) -> Int64 {
        let (seconds, _) = moment.epochMilliseconds.flooredDivision(by: 1_000)
        return offsets.local(atUTC: seconds)
    }

    /// Seconds east of UTC at a moment.
    public func offsetSeconds(at moment: Timestamp) -> Int {
        let seconds = moment.epochMilliseconds.flooredDivision(by: 1_000).quotient
        return Int(offsets.local(atUTC: seconds) - seconds)
    }

    /// The day on which a moment falls, in days since 1970-01-01.
    public func localDay(of moment: Timestamp) -> Int64 {
        localSeconds(of: moment).flooredDivision(by: 86_400).quotient
    }

    /// The first moment of a day, given in days since 1970-01-01.
    public func start(ofLocalDay day: Int64) -> Timestamp {
        Timestamp(epochMilliseconds: offsets.firstUTC(reaching: day * 86_400) * 1_000)
    }

    /// The UTC moment of a local time. A time that comes twice means its first occurrence; a time
    /// that a clock change skips is nil, because no call can have happened then, and so is one
    /// outside ``Timestamp/supported``.
    public func moment(ofLocalSeconds local: Int64) -> Timestamp? {
        guard let utc = offsets.utc(ofLocal: local) else { return nil }
        let moment = Timestamp(epochMilliseconds: utc * 1_000)
        return Timestamp.supported.contains(moment) ? moment : nil
    }
}
