import ExportModel

@testable import Extraction

/// `Retry-After` headers: a pause that is not negative, or none.
enum RetryAfterTarget {
    static func run(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        let now = Timestamp(epochMilliseconds: 1_767_225_600_000)
        guard let pause = RetryAfter.milliseconds(text, now: now) else { return }
        precondition(pause >= 0, "a negative pause")
    }
}
