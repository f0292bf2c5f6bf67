import ExportModel
import ExportRun
import Foundation
import Planning
import Publication
import RunLedger

/// What `--format json` prints: one object a line, keys in snake case.
enum JSONReport {
    static func run(_ report: RunReport) -> String {
        text(
            [
                "report": "run", "pipeline": report.pipeline, "run_id": report.runID,
                "counts": counts(report.windows.map(\.state.rawValue)),
                "skipped_complete": report.skippedComplete, "not_due": report.notDue,
                "not_started": report.notStarted, "exit_code": Int(report.exitCode),
                "started_at": report.startedAt.iso8601,
                "finished_at": report.finishedAt?.iso8601 ?? NSNull(),
                "seconds": seconds(report.milliseconds), "rows": report.rows,
                "streams": report.streams.map(traffic),
                "interrupted": report.isInterrupted,
                "outdated": report.outdated.map(outdated),
                "run_file": report.runFile ?? NSNull(), "windows": report.windows.map(window),
                "partitions": report.partitions.map(partition), "error": NSNull(),
            ].merging(numbers(report.traffic)) { own, _ in own })
    }

    /// A run that could not begin, or not be recorded.
    static func refused(_ outcome: PipelineOutcome) -> String {
        let none: [String] = []
        let error: Any =
            outcome.error.map { error in
                ["kind": error.kind.rawValue, "code": error.code, "message": error.message]
            } ?? NSNull()
        return text(
            [
                "report": "run", "pipeline": outcome.pipeline, "run_id": NSNull(),
                "counts": [String: Int](), "skipped_complete": 0, "not_due": none,
                "not_started": 0, "exit_code": Int(outcome.exitCode),
                "started_at": outcome.startedAt.iso8601,
                "finished_at": outcome.endedAt.iso8601,
                "seconds": seconds(
                    max(
                        outcome.endedAt.epochMilliseconds - outcome.startedAt.epochMilliseconds, 0)),
                "rows": 0, "streams": none, "interrupted": false, "outdated": none,
                "run_file": NSNull(), "windows": none, "partitions": none, "error": error,
            ].merging(numbers(RequestTraffic())) { own, _ in own })
    }

    private static func traffic(_ stream: StreamTraffic) -> [String: Any] {
        ["stream": stream.stream].merging(numbers(stream.traffic)) { own, _ in own }
    }

    /// What was asked of providers.
    private static func numbers(_ traffic: RequestTraffic) -> [String: Any] {
        [
            "requests": traffic.requests, "retries": traffic.retries,
            "throttles": traffic.throttles, "rewalks": traffic.rewalks,
            "wait_seconds": seconds(traffic.waitMilliseconds),
            "response_bytes": traffic.responseBytes,
        ]
    }

    private static func seconds(_ milliseconds: Int64) -> Decimal {
        Decimal(milliseconds) / 1_000
    }

    /// Prints a plan.
    ///
    /// - Parameter estimate: of `--probe`.
    static func printPlan(
        _ plan: Plan, _ windows: [DescribedWindow],
        _ estimate: (streams: [PlanProbe.Estimate], whole: PlanProbe.Estimate)?,
        of pipeline: Pipeline
    ) {
        var writer = JSONReportWriter(
            "plan", .json, pipeline: pipeline.name, list: "windows")
        var counts: [PlannedWindow.Reason: Int] = [:]
        var texts = PlanTexts()
        for window in windows {
            counts[window.planned.reason, default: 0] += 1
            writer.append(planned(window, &texts))
        }
        var members = JSONObject()
        members.add("skipped_complete", plan.skippedComplete)
        members.add("not_due", plan.notDue.count)
        members.add("next_due_at", plan.nextDueAt(in: pipeline)?.iso8601)
        members.add("outdated", plan.outdated.map(outdatedObject))
        members.add("probe", estimate.map { probe($0.streams, $0.whole) })
        writer.finish(
            counts: PlannedWindow.Reason.allCases.compactMap { reason in
                counts[reason].map { (reason.rawValue, $0) }
            }, members)
    }

    /// A window of `plan`.
    static func planned(_ window: DescribedWindow, _ texts: inout PlanTexts) -> JSONObject {
        let planned = window.planned
        let times = texts.times(of: planned.window)
        var object = JSONObject()
        object.add("stream", planned.stream)
        object.add("account", planned.account)
        object.add("window", times.key)
        object.add("start", times.start)
        object.add("end", times.end)
        object.add("state", window.state.rawValue)
        object.add("reason", planned.reason.rawValue)
        object.add("why", texts.explanation(of: window))
        object.add("from_archive", planned.needsNoRequest)
        object.add("failure", window.record?.failure.map(failure))
        return object
    }

    private static func outdatedObject(_ windows: OutdatedWindows) -> JSONObject {
        var object = JSONObject()
        object.add("stream", windows.stream)
        object.add("cause", windows.cause.rawValue)
        object.add("windows", windows.count)
        object.add("first", windows.first)
        object.add("last", windows.last)
        return object
    }

    private static func probe(
        _ streams: [PlanProbe.Estimate], _ whole: PlanProbe.Estimate
    ) -> JSONObject {
        func object(_ estimate: PlanProbe.Estimate) -> JSONObject {
            var object = JSONObject()
            object.add("stream", estimate.stream)
            object.add("windows", estimate.windowCount)
            object.add("known", estimate.knownCount)
            object.add("rows", estimate.rows)
            object.add("requests", estimate.requests)
            object.add("seconds", Int(estimate.seconds.rounded(.up)))
            object.add("bytes", estimate.byteCount)
            object.add("failures", estimate.failures.map(failure))
            return object
        }
        var probe = JSONObject()
        probe.add("streams", streams.map(object))
        probe.add("whole", object(whole))
        return probe
    }

    private static func outdated(_ windows: OutdatedWindows) -> [String: Any] {
        [
            "stream": windows.stream, "cause": windows.cause.rawValue, "windows": windows.count,
            "first": windows.first, "last": windows.last,
        ]
    }

    /// A window of `status`.
    static func status(_ window: CoveredWindow) -> JSONObject {
        let record = window.record
        var object = JSONObject()
        object.add("stream", window.stream)
        object.add("account", window.account)
        object.add("window", window.window)
        object.add("start", window.range?.start.iso8601)
        object.add("end", window.range?.end.iso8601)
        object.add("state", window.state.rawValue)
        object.add("attempts", record?.attempts ?? 0)
        object.add("rows", record?.archived?.rows)
        object.add("rejects", record?.archived?.rejects)
        object.add("late_rows", record?.published?.lateRows)
        object.add("changed_rows", record?.published?.changedRows)
        object.add("run_id", record?.runID)
        object.add("started_at", record?.startedAt.iso8601)
        object.add("finished_at", record?.finishedAt?.iso8601)
        object.add("published_at", record?.published?.publishedAt.iso8601)
        object.add("directory", record?.published?.directory)
        object.add("failure", record?.failure.map(failure))
        return object
    }

    /// A stream of `status`.
    static func coverage(_ stream: StreamCoverage) -> JSONObject {
        var object = JSONObject()
        object.add("stream", stream.stream)
        object.add("accounts", stream.accountCount)
        object.add("rows", stream.rows)
        object.add("oldest_gap", stream.oldestGap)
        object.add("newest_complete", stream.newestComplete)
        var numbers = JSONObject()
        for (name, count) in counts(stream.counts) { numbers.add(name, count) }
        object.add("counts", numbers)
        return object
    }

    /// The states that occur, in the order in which they are documented.
    static func counts(_ counts: [ReportedState: Int]) -> [(String, Int)] {
        ReportedState.allCases.compactMap { state in
            counts[state].map { (state.rawValue, $0) }
        }
    }

    private static func failure(_ failure: FailureRecord) -> JSONObject {
        var object = JSONObject()
        object.add("kind", failure.kind.rawValue)
        object.add("code", failure.code)
        object.add("message", failure.message)
        return object
    }

    static func load(_ step: LoadStep) -> String {
        text([
            "stream": step.name.stream, "account": step.name.account ?? NSNull(),
            "window": step.name.window,
            "change": step.change.rawValue,
            "rows": step.published.map { $0.rows as Any } ?? NSNull(),
            "directory": step.published.map { $0.directory as Any } ?? NSNull(),
            "version": step.published.map { $0.version as Any } ?? NSNull(),
            "missing_accounts": step.published.map { $0.missingCount as Any } ?? NSNull(),
        ])
    }

    static func check(_ outcome: CredentialCheck.Outcome) -> JSONObject {
        var object = JSONObject()
        object.add("stream", outcome.stream)
        object.add("account", outcome.account)
        object.add("state", outcome.state.rawValue)
        object.add("host", outcome.host)
        object.add("clock_ahead_seconds", outcome.clockAheadSeconds)
        object.add("request_ids", outcome.requestIDCount)
        object.add("failure", outcome.failure.map(failure))
        return object
    }

    static func finding(_ finding: PartitionFinding) -> JSONObject {
        var object = JSONObject()
        object.add("finding", finding.kind.rawValue)
        object.add("path", finding.path)
        object.add("message", finding.message)
        return object
    }

    static func failure(_ failure: WindowResult.Failure) -> JSONObject {
        var object = JSONObject()
        object.add("kind", failure.kind.rawValue)
        object.add("code", failure.code)
        object.add("message", failure.message)
        return object
    }

    static func endpoint(_ endpoint: Endpoint) -> String {
        text([
            "id": endpoint.id, "title": endpoint.title, "document": endpoint.document,
            "inferred": endpoint.inferred,
            "base_url": endpoint.defaultBaseURL ?? NSNull(), "path": endpoint.request.path,
            "credentials": endpoint.request.credentials.map(\.name),
            "login": endpoint.login.map { $0.request.credentials.map(\.name) as Any } ?? NSNull(),
            "params": endpoint.request.optional.map(\.name),
            "fields": endpoint.fields.map { field in
                [
                    "name": field.name, "type": field.type.columnType.name,
                    "column": field.column?.rawValue ?? NSNull(), "summary": field.summary,
                ] as [String: Any]
            },
        ])
    }

    private static func counts(_ words: [String]) -> [String: Int] {
        words.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    private static func window(_ result: WindowResult) -> [String: Any] {
        [
            "stream": result.stream, "account": result.account, "window": result.window,
            "state": result.state.rawValue, "changed": result.status == .published,
            "rows": result.rows, "rejects": result.rejects,
            "absent_fields": result.absentFields, "duplicates": result.duplicates,
            "outside_window": result.outsideWindow,
            "found_rows": result.foundRows ?? NSNull(),
            "late_rows": result.rowChanges?.late ?? NSNull(),
            "changed_rows": result.rowChanges?.changed ?? NSNull(),
            "gone_rows": result.rowChanges?.gone ?? NSNull(),
            "requests": result.requests, "directory": result.directory ?? NSNull(),
            "failure": failure(result.failure),
        ]
    }

    private static func partition(_ result: PartitionResult) -> [String: Any] {
        [
            "stream": result.stream, "account": result.account ?? NSNull(),
            "bucket": result.bucket ?? NSNull(), "window": result.window,
            "directory": result.directory, "changed": result.changed,
            "complete": result.isComplete, "rows": result.rows, "rejects": result.rejects,
            "account_count": result.accountCount, "missing": result.missing,
            "late_rows": result.rowChanges?.late ?? NSNull(),
            "changed_rows": result.rowChanges?.changed ?? NSNull(),
            "gone_rows": result.rowChanges?.gone ?? NSNull(),
        ]
    }

    private static func failure(_ failure: WindowResult.Failure?) -> Any {
        guard let failure else { return NSNull() }
        return ["kind": failure.kind.rawValue, "code": failure.code, "message": failure.message]
    }

    private static func text(_ object: [String: Any]) -> String {
        do {
            let data = try JSONSerialization.data(
                withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
            return String(decoding: data, as: UTF8.self)
        } catch {
            preconditionFailure("a report is always JSON: \(error)")
        }
    }
}
