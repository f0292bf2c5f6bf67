import ExportModel

/// How the report writes numbers and times.
enum ReportNumbers {
    /// `1,234,567`
    static func grouped(_ value: Int) -> String {
        var digits = Array(String(value.magnitude))
        var place = digits.count - 3
        while place > 0 {
            digits.insert(",", at: place)
            place -= 3
        }
        return (value < 0 ? "−" : "") + String(digits)
    }

    /// `340 ms`, `12.4 s`, `3 min 20 s`, `2 h 5 min`
    static func duration(milliseconds: Int64) -> String {
        let seconds = milliseconds / 1_000
        switch milliseconds {
        case ..<1_000: return "\(max(milliseconds, 0)) ms"
        case ..<60_000:
            let tenths = milliseconds % 1_000 / 100
            return tenths == 0 ? "\(seconds) s" : "\(seconds).\(tenths) s"
        case ..<3_600_000: return "\(seconds / 60) min \(seconds % 60) s"
        default: return "\(seconds / 3_600) h \(seconds % 3_600 / 60) min"
        }
    }

    /// `512 B`, `1.2 MB`
    static func bytes(_ count: Int) -> String {
        var (value, unit) = (count, "B")
        for next in ["kB", "MB", "GB", "TB"] where value >= 10_000 {
            (value, unit) = (value / 1_000, next)
        }
        return "\(grouped(value)) \(unit)"
    }

    /// `2026-11-22 01:11:38` in UTC, with the exact moment for programs.
    static func time(_ moment: Timestamp) -> HTML {
        let text = moment.iso8601
        return """
            <time datetime="\(text)">\(String(text.prefix(10))) \
            \(String(text.dropFirst(11).prefix(8)))</time>
            """
    }
}
