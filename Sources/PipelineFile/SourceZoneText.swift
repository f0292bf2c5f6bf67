import ExportModel
import Foundation

/// Reads the names of time zones.
enum SourceZoneText {
    /// `+08:00`, `Z` or an IANA name.
    static func read(_ item: YAMLValue) -> SourceZone? {
        guard let text = item.text("a time zone") else { return nil }
        let isOffset = text == "Z" || text.hasPrefix("+") || text.hasPrefix("-")
        if isOffset || isKnown(text), let zone = SourceZone(parsing: text) { return zone }
        item.fail(
            "\(item.name) must be an offset such as `\"+08:00\"` or an IANA time zone such as "
                + "`Asia/Shanghai`" + suggestion(for: text))
        return nil
    }

    /// An IANA name.
    static func readIdentifier(_ item: YAMLValue) -> String? {
        guard let text = item.text("an IANA time zone") else { return nil }
        if isKnown(text) { return text }
        item.fail(
            "\(item.name) must be an IANA time zone such as `UTC` or `Asia/Kolkata`"
                + suggestion(for: text))
        return nil
    }

    /// Foundation also takes inventions such as `GMT+5`; those are no IANA names.
    private static func isKnown(_ text: String) -> Bool {
        let bytes = text.utf8
        guard bytes.allSatisfy({ NameRule.isWordByte($0) || "/+-".utf8.contains($0) }),
            !text.hasPrefix("GMT+"), !text.hasPrefix("GMT-"), !text.hasPrefix("/")
        else { return false }
        return TimeZone(identifier: text) != nil
    }

    private static func suggestion(for text: String) -> String {
        NearestName.suggestion(for: text, among: TimeZone.knownTimeZoneIdentifiers)
    }
}
