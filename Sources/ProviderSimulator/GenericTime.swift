import ExportModel
import Foundation

/// Writes and reads moments in the formats that entries name, with arithmetic and patterns of its
/// own: nothing is shared with the client that reads them.
struct GenericTime: Sendable {
    /// As an entry writes it: `iso8601`, `pattern(dd/MM/yyyy HH:mm)`.
    let name: String
    /// Of values without an offset.
    let zone: SourceZone

    /// Moments that a record can have are multiples of it.
    var resolutionMilliseconds: Int64 {
        switch name {
        case "epoch_ms", "epoch_us", "iso8601": 1
        case "date": 86_400_000
        default: isPattern ? patternUnit : 1_000
        }
    }

    private var isPattern: Bool { name.hasPrefix("pattern(") }
    private var pattern: String { String(name.dropFirst(8).dropLast()) }
    private var patternUnit: Int64 {
        if pattern.contains("SSS") { return 1 }
        if pattern.contains("s") { return 1_000 }
        return pattern.contains("m") ? 60_000 : 3_600_000
    }

    /// Whether values are JSON numbers.
    var isNumber: Bool { name.hasPrefix("epoch_") }

    /// - Parameter style: chooses among the spellings that a format has.
    func text(of moment: Int64, style: UInt64 = 0) -> String {
        switch name {
        case "epoch_s": return String(moment / 1_000)
        case "epoch_ms": return String(moment)
        case "epoch_us": return "\(moment)" + Self.padded(Int((style >> 8) % 1_000), 3)
        case "iso8601": return iso(moment, style)
        case "rfc2822": return rfc2822(moment, offset: [0, 19_800, -12_600][Int(style % 3)])
        case "date": return String(local(moment).prefix(10))
        case "local_datetime": return String(local(moment))
        default: return written(moment)
        }
    }

    /// Epoch milliseconds of a parameter; nil if it is not written as it must be.
    func moment(_ text: String) -> Int64? {
        switch name {
        case "epoch_s": return Int64(text).map { $0 * 1_000 }
        case "epoch_ms": return Int64(text)
        case "epoch_us": return Int64(text).map { $0 / 1_000 }
        case "date": return CivilDate(iso8601: text).flatMap { midnight($0) }
        case "local_datetime": return CommoTime.localSeconds(text).map { unlocal($0) * 1_000 }
        case "iso8601":
            let formatter = ISO8601DateFormatter()
            if text.contains(".") { formatter.formatOptions.insert(.withFractionalSeconds) }
            return formatter.date(from: text).map {
                Int64(($0.timeIntervalSince1970 * 1_000).rounded())
            }
        default:
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: isPattern ? "en_US_POSIX" : "en_US")
            formatter.dateFormat = isPattern ? pattern : "EEE, dd MMM yyyy HH:mm:ss Z"
            formatter.timeZone =
                TimeZone(identifier: zone.identifier) ?? TimeZone(secondsFromGMT: 0)
            return formatter.date(from: text).map {
                Int64(($0.timeIntervalSince1970 * 1_000).rounded())
            }
        }
    }

    /// Midnight of a day in the zone.
    func midnight(_ date: CivilDate) -> Int64 {
        unlocal(Int64(date.daysSinceEpoch) * 86_400) * 1_000
    }

    private func offset(_ moment: Int64) -> Int64 {
        GenericZone.offset(zone, atEpochSeconds: moment / 1_000)
    }

    /// Seconds in UTC of seconds of the zone's clock, the offset asked for twice so that a change in
    /// between counts.
    private func unlocal(_ seconds: Int64) -> Int64 {
        let guess = seconds - GenericZone.offset(zone, atEpochSeconds: seconds)
        return seconds - GenericZone.offset(zone, atEpochSeconds: guess)
    }

    private func local(_ moment: Int64) -> String {
        CommoTime.text(ofEpochMilliseconds: moment, offsetSeconds: offset(moment))
    }

    /// `Z`, another offset, or the zone's own time without one; the fraction cut to milliseconds, or
    /// with digits after them, that a reader has to cut.
    private func iso(_ moment: Int64, _ style: UInt64) -> String {
        let offsets = [0, 0, 19_800, -12_600, offset(moment)]
        let shift = Int64(offsets[Int(style % 5)])
        var text = CommoTime.text(ofEpochMilliseconds: moment, offsetSeconds: shift)
            .replacing(" ", with: "T")
        let fraction = Int(moment % 1_000)
        if fraction != 0 || style & 32 != 0 {
            text += "." + Self.padded(fraction, 3) + (style & 64 != 0 ? "789" : "")
        }
        switch style % 5 {
        case 0: return text + "Z"
        case 4: return text
        default: return text + Self.offsetText(shift, colon: style & 128 == 0)
        }
    }

    private func rfc2822(_ moment: Int64, offset: Int64) -> String {
        let shifted = NetworkShell.date(moment / 1_000 + offset)
        return String(shifted.dropLast(3)) + Self.offsetText(offset, colon: false)
    }

    private static func offsetText(_ seconds: Int64, colon: Bool) -> String {
        let size = Int(abs(seconds))
        return (seconds < 0 ? "-" : "+") + padded(size / 3_600, 2) + (colon ? ":" : "")
            + padded(size / 60 % 60, 2)
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }

    /// By the letters of Unicode TR 35.
    private func written(_ moment: Int64) -> String {
        let shift = offset(moment)
        let local = CommoTime.text(ofEpochMilliseconds: moment, offsetSeconds: shift)
        let parts = local.split(whereSeparator: { "- :".contains($0) }).compactMap { Int($0) }
        var text = ""
        var rest = Array(pattern)[...]
        while let letter = rest.first {
            if letter == "'" {
                rest = rest.dropFirst()
                let quoted = rest.prefix { $0 != "'" }
                text += quoted.isEmpty ? "'" : String(quoted)
                rest = rest.dropFirst(quoted.count + 1)
                continue
            }
            let run = rest.prefix { $0 == letter }
            text += part(letter, run.count, parts, moment, shift) ?? String(run)
            rest = rest.dropFirst(run.count)
        }
        return text
    }

    /// nil: the letter stands for itself.
    private func part(
        _ letter: Character, _ count: Int, _ parts: [Int], _ moment: Int64, _ shift: Int64
    ) -> String? {
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        switch letter {
        case "y": return Self.padded(count == 2 ? parts[0] % 100 : parts[0], count)
        case "M": return count == 3 ? months[parts[1] - 1] : Self.padded(parts[1], count)
        case "d": return Self.padded(parts[2], count)
        case "H": return Self.padded(parts[3], count)
        case "h": return Self.padded((parts[3] + 11) % 12 + 1, count)
        case "m": return Self.padded(parts[4], count)
        case "s": return Self.padded(parts[5], count)
        case "S":
            let digits = Self.padded(Int(moment % 1_000), 3) + "000000"
            return String(digits.prefix(count))
        case "a": return parts[3] < 12 ? "AM" : "PM"
        case "X" where shift == 0, "Z" where shift == 0 && count == 5: return "Z"
        case "X" where count == 1 && shift % 3_600 == 0:
            return String(Self.offsetText(shift, colon: false).prefix(3))
        case "X", "Z": return Self.offsetText(shift, colon: count == 3 || count == 5)
        default: return nil
        }
    }
}
