import BoundedDispatch
import ExportModel
import ExportRun
import Extraction
import Foundation

/// Shows how far a run is: on a terminal as lines that are drawn again and again, else as a line of
/// the log now and then.
///
/// Kept and ended by the thread that runs the pipeline.
final class ProgressDisplay {
    /// At most 10 drawings a second.
    private static let drawMilliseconds = 100
    private static let logMilliseconds = 10_000

    private let tick: PeriodicTick

    /// Begins to show.
    init(_ meter: RunMeter, _ log: EventLog, pipeline: String) {
        let speed = Guarded(ProgressSpeed())
        let clock = SystemClock.environment().monotonicMilliseconds
        let isDrawn = log.isDrawing
        let isUnicode = Terminal.isUnicode(ProcessInfo.processInfo.environment)
        tick = PeriodicTick(
            everyMilliseconds: isDrawn ? Self.drawMilliseconds : Self.logMilliseconds
        ) {
            let (progress, now) = (meter.progress, clock())
            guard let startedAt = progress.startedAt, !progress.streams.isEmpty else { return }
            let rowsPerSecond = speed.withLock { speed in
                speed.note(progress, at: now)
                return speed.rowsPerSecond
            }
            let lines = ProgressLines(
                progress: progress, rowsPerSecond: rowsPerSecond,
                elapsedMilliseconds: now - startedAt, isUnicode: isUnicode)
            if isDrawn {
                let size = TerminalSize.ofTerminal(STDERR_FILENO) ?? .usual
                Console.showProgress(lines.lines(size))
            } else {
                log.write(Self.event(lines, pipeline))
            }
        }
    }

    /// Removes what is drawn.
    func end() {
        tick.end()
        Console.showProgress([])
    }

    private static func event(_ lines: ProgressLines, _ pipeline: String) -> RunEvent {
        let total = lines.total
        let left = lines.leftMilliseconds(total)
        var event = RunEvent(
            .progress, lines.text,
            [
                (.windows, .count(total.windowCount)), (.windowsDone, .count(total.walkedCount)),
                (.failed, .count(total.incompleteCount)), (.pages, .count(total.pages)),
                (.rows, .count(total.rows)), (.requests, .count(total.traffic.requests)),
                (.retries, .count(total.traffic.retries)),
                (.throttles, .count(total.traffic.throttles)),
                (.waitSeconds, .milliseconds(total.traffic.waitMilliseconds)),
                (.responseBytes, .count(Int(total.traffic.responseBytes))),
                (.seconds, .milliseconds(lines.elapsedMilliseconds)),
            ] + (left.map { [(.secondsLeft, .milliseconds($0))] } ?? []))
        event.pipeline = pipeline
        event.runID = lines.progress.runID
        return event
    }
}
