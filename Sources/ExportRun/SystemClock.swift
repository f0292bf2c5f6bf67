public import ExportModel
public import Extraction
import Foundation

/// The one place that reads clocks and chance.
public enum SystemClock {
    /// The machine's clocks.
    public static func environment() -> ExtractionEnvironment {
        ExtractionEnvironment(
            monotonicMilliseconds: { Int64(Uptime.nanoseconds / 1_000_000) },
            now: now,
            random: { bound in Int64.random(in: 0...max(bound, 0)) })
    }

    /// The time of day.
    public static func now() -> Timestamp {
        Timestamp(epochMilliseconds: Int64((Date().timeIntervalSince1970 * 1_000).rounded(.down)))
    }

    /// Names a run: when it started and eight random digits, so that names sort by time.
    static func makeRunID(at moment: Timestamp, _ clock: ExtractionEnvironment) -> String {
        let time = moment.iso8601.prefix(19).filter { $0 != "-" && $0 != ":" }
        let tail = String(clock.random(Int64(UInt32.max)), radix: 16)
        return "\(time)Z-" + String(repeating: "0", count: 8 - tail.count) + tail
    }
}

/// Nanoseconds of a clock that never jumps back.
private enum Uptime {
    /// CLOCK_MONOTONIC (POSIX).
    static var nanoseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
