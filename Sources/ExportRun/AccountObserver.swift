import BoundedDispatch
import ExportModel
import Extraction

/// Counts and reports what happens to the requests of one account window, or to the logins of one
/// account.
final class AccountObserver: ExtractionObserver {
    private let meter: StreamMeter
    private let events: RunEvents
    private let subject: RunEvent.Subject
    private let estimate: Guarded<PageEstimate>

    init(
        _ subject: RunEvent.Subject, of stream: Stream, _ meter: StreamMeter, _ events: RunEvents
    ) {
        self.subject = subject
        self.meter = meter
        self.events = events
        estimate = Guarded(
            PageEstimate(stream.extract, hasTotal: stream.endpoint.response.total.isExact))
    }

    func observe(_ event: ExtractionEvent) {
        meter.count(event)
        switch event {
        case .requestSent, .responseReceived: break
        case .pageRead(let page): change { $0.add(page) }
        case .retrying(let retry): events.report(.requestRetried) { make($0, retry) }
        case .rewalking:
            events.report(.sliceRewalked) { name in
                RunEvent(
                    name, of: subject, "records moved while a slice was read; it is walked again")
            }
        case .throttled(let rate, let pause):
            events.report(.accountThrottled) { name in
                let pauseText = pause > 0 ? "after a pause of \(SecondsText.make(pause)) s " : ""
                return RunEvent(
                    name, of: subject,
                    """
                    the provider asks for fewer requests; \(pauseText)at most \
                    \(RateText.make(rate)) a second from now on
                    """,
                    [(.requestsPerSecond, .decimal(rate)), (.pauseSeconds, .milliseconds(pause))])
            }
        case .loggedIn(let isRenewal):
            events.report(.loggedIn) { name in
                RunEvent(
                    name, of: subject,
                    isRenewal ? "logged in again, because the token had died" : "logged in",
                    [(.renewal, .flag(isRenewal))])
            }
        }
    }

    /// Notes that so many pages more will be asked for.
    func expect(pages: Int) {
        change { $0.expect(pages: pages) }
    }

    /// Replaces what the pages promised by what the window came to.
    func settle(rows: Int) {
        let known = estimate.withLock { $0 }
        meter.add(
            pages: 0, planned: known.readCount - (known.plannedCount ?? 0),
            isNewlyPlanned: known.plannedCount == nil && known.readCount > 0,
            rows: rows - known.rowCount)
    }

    private func change(_ body: (inout PageEstimate) -> Void) {
        let (before, after) = estimate.withLock { estimate in
            let before = Counts(estimate)
            body(&estimate)
            return (before, Counts(estimate))
        }
        meter.add(
            pages: after.pages - before.pages,
            planned: (after.planned ?? 0) - (before.planned ?? 0),
            isNewlyPlanned: before.planned == nil && after.planned != nil,
            rows: after.rows - before.rows)
    }

    private struct Counts: Sendable {
        var pages: Int
        var planned: Int?
        var rows: Int

        init(_ estimate: PageEstimate) {
            (pages, planned, rows) = (
                estimate.readCount, estimate.plannedCount, estimate.rowCount
            )
        }
    }

    private func make(_ name: RunEvent.Name, _ retry: RequestRetry) -> RunEvent {
        let what = retry.page.map { "page \($0)" } ?? "the login"
        let pause = retry.pauseMilliseconds
        return RunEvent(
            name, of: subject,
            """
            \(what) is asked for again\(pause > 0 ? " in \(SecondsText.make(pause)) s" : "") \
            (attempt \(retry.attempt + 1) of \(max(retry.maximumAttempts, retry.attempt + 1))): \
            \(retry.reason.message)
            """,
            (retry.page.map { [(.page, .count($0))] } ?? []) + [
                (.attempt, .count(retry.attempt)), (.attempts, .count(retry.maximumAttempts)),
                (.pauseSeconds, .milliseconds(pause)), (.code, .text(retry.reason.code)),
                (.kind, .text(retry.reason.kind.rawValue)),
                (.reason, .text(retry.reason.message)),
            ])
    }
}

/// Milliseconds as seconds with one digit, or three where they are few.
public enum SecondsText {
    /// `0.045`, `1.234`, for machines.
    public static func exact(_ milliseconds: Int64) -> String {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        let digits = "\(abs(rest))"
        return (milliseconds < 0 && seconds == 0 ? "-" : "") + "\(seconds)."
            + String(repeating: "0", count: 3 - digits.count) + digits
    }

    /// `0.045`, `1.2`, `75.0`
    public static func make(_ milliseconds: Int64) -> String {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        if seconds == 0, rest < 100 {
            let digits = "\(rest)"
            return "0." + String(repeating: "0", count: 3 - digits.count) + digits
        }
        return "\(seconds).\(rest / 100)"
    }
}

/// A rate with as many digits as it deserves.
public enum RateText {
    /// `1250`, `12.5`, `0.31`
    public static func make(_ rate: Double) -> String {
        let hundredths = Int64((max(rate, 0) * 100).rounded())
        if hundredths >= 10_000 { return "\(hundredths / 100)" }
        if hundredths % 100 == 0 { return "\(hundredths / 100)" }
        if hundredths >= 1_000 || hundredths % 10 == 0 {
            return "\(hundredths / 100).\(hundredths % 100 / 10)"
        }
        let digits = "\(hundredths % 100)"
        return "\(hundredths / 100)." + (digits.count < 2 ? "0" : "") + digits
    }
}
