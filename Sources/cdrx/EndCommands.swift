import ExportModel
import ExportRun
import Extraction

/// Runs the commands that a pipeline file names for the end of its runs.
struct EndCommands {
    let log: EventLog

    /// Runs `on_success` or `on_failure`, whichever fits. What becomes of it changes no exit code.
    func run(of pipeline: Pipeline, _ outcome: PipelineOutcome) {
        let isSuccess = outcome.exitCode == 0
        let name = isSuccess ? "on_success" : "on_failure"
        guard let command = isSuccess ? pipeline.onSuccess : pipeline.onFailure else { return }
        let clock = SystemClock.environment().monotonicMilliseconds
        let startedAt = clock()
        var event: RunEvent
        do throws(SummaryCommand.Failure) {
            try SummaryCommand(
                command: command.command, timeoutMilliseconds: command.timeoutMilliseconds,
                clock: clock
            ).run(feeding: outcome.json + "\n")
            event = RunEvent(
                .commandEnded, "\(name) has ended",
                [(.command, .text(name)), (.seconds, .milliseconds(clock() - startedAt))])
        } catch {
            event = RunEvent(
                .commandFailed, "\(name) failed: \(error.message)",
                [
                    (.command, .text(name)), (.seconds, .milliseconds(clock() - startedAt)),
                    (.reason, .text(error.message)),
                ])
        }
        event.pipeline = pipeline.name
        event.runID = outcome.report?.runID
        log.write(event)
    }
}
