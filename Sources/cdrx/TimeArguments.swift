import ArgumentParser
import ExportModel
import PipelineFile

/// A moment on the command line: `2026-11-20`, `2026-11-20T03:00`, `2026-11-20T03:00:00`, each with
/// `Z` or an offset such as `+05:30`; without one, UTC.
struct MomentArgument {
    let moment: Timestamp

    @Sendable
    static func parse(_ text: String) throws -> MomentArgument {
        var local = text
        var zone = SourceZone(identifier: "Z", offsetSeconds: 0)
        if text.hasSuffix("Z") {
            local.removeLast()
        } else if text.count > 16, let offset = SourceZone(parsing: String(text.suffix(6))) {
            zone = offset
            local.removeLast(6)
        }
        local = local.replacing(" ", with: "T")
        for missing in ["", ":00", "T00:00:00"] {
            let bytes = Array((local + missing).utf8)
            let seconds = bytes.withUnsafeBufferPointer { TimestampText.localSeconds($0) }
            if let seconds, let moment = zone.moment(ofLocalSeconds: seconds) {
                return MomentArgument(moment: moment)
            }
        }
        throw ValidationError("'\(text)' is no time; write it as in 2026-11-20T03:00:00Z")
    }
}

/// A border of windows on the command line, in the pipeline's zone: `2026-11-19`,
/// `2026-11-19T07` or `2026-11`.
struct BorderArgument {
    let hour: LocalHour
    let text: String

    @Sendable
    static func parse(_ text: String) throws -> BorderArgument {
        guard let hour = LocalHourText.parse(text) else {
            throw ValidationError(
                "'\(text)' is no border of a window; write \(LocalHourText.forms)")
        }
        return BorderArgument(hour: hour, text: text)
    }

    /// What `validate()` of a command with `--from` and `--to` throws.
    static func requireOrder(_ from: BorderArgument?, _ to: BorderArgument?) throws {
        if let from, let to, from.hour >= to.hour {
            throw ValidationError("--from must lie before --to, which is exclusive")
        }
    }

    /// The same where one does not go without the other.
    static func requireBothOrNone(_ from: BorderArgument?, _ to: BorderArgument?) throws {
        guard (from == nil) == (to == nil) else {
            throw ValidationError("give both --from and --to, which is exclusive, or none of them")
        }
        try requireOrder(from, to)
    }
}
