/// Something that happened in a run: a value with a stable name, for logs of people and machines.
///
/// `pipelines/README.md` lists the names with their levels and fields; a test compares them.
public struct RunEvent: Sendable {
    /// How much it matters.
    public enum Level: Int, CaseIterable, Comparable, Sendable {
        /// Only of interest to who looks closely (`--verbose`).
        case debug
        case info
        case notice
        case warning
        case error

        /// As in logs.
        public var name: String { "\(self)" }

        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// What it is about; nothing for the whole run.
    public struct Subject: Hashable, Sendable {
        public var stream: String?
        public var account: String?
        /// ``WindowKey/description``
        public var window: String?

        public init(stream: String? = nil, account: String? = nil, window: String? = nil) {
            self.stream = stream
            self.account = account
            self.window = window
        }

        /// `stream/account/window`, as far as there are any.
        public var text: String {
            [stream, account, window].compactMap { $0 }.joined(separator: "/")
        }
    }

    /// A field's value.
    public enum Value: Hashable, Sendable {
        case count(Int)
        /// A time, which is written in seconds.
        case milliseconds(Int64)
        /// A rate or a share, with three digits.
        case decimal(Double)
        case text(String)
        case flag(Bool)
        case list([String])
    }

    /// What is stated beside the message.
    public enum Field: String, CaseIterable, Sendable {
        case accounts, attempt, attempts, changed, changedRows = "changed_rows", code, column
        case command
        case complete, directory, duplicates, exitCode = "exit_code", failed, field, first
        case goneRows = "gone_rows", kind, lateRows = "late_rows", line, missing, names
        case notDue = "not_due", notStarted = "not_started", outsideWindow = "outside_window"
        case page, pages, path, pauseSeconds = "pause_seconds", reason, rejects, renewal, requests
        case requestsPerSecond = "requests_per_second", responseBytes = "response_bytes", retries
        case rewalks, rows, seconds, secondsLeft = "seconds_left", signal
        case skippedComplete = "skipped_complete", slices, state, throttles, total
        case waitSeconds = "wait_seconds", windows, windowsDone = "windows_done"
    }

    public var name: Name
    public var level: Level
    public var subject: Subject
    /// For people: one line, without the subject.
    public var message: String
    /// In the order they are written.
    public var fields: [(name: Field, value: Value)]
    /// The pipeline's name.
    public var pipeline: String?
    /// nil before there is one.
    public var runID: String?

    /// - Parameter level: nil: the name's own.
    public init(
        _ name: Name, level: Level? = nil, of subject: Subject = Subject(), _ message: String,
        _ fields: [(name: Field, value: Value)] = []
    ) {
        self.name = name
        self.level = level ?? name.level
        self.subject = subject
        self.message = message
        self.fields = fields
    }

    /// What a field says; nil where the event does not have it.
    public func value(of field: Field) -> Value? {
        fields.first { $0.name == field }?.value
    }
}

extension RunEvent {
    /// Names of events; the raw values are stable.
    public enum Name: String, CaseIterable, Sendable {
        case runStarted = "run_started"
        case runEnded = "run_ended"
        case runRefused = "run_refused"
        case runInterrupted = "run_interrupted"
        case progress
        case windowStarted = "window_started"
        case windowResumed = "window_resumed"
        case loggedIn = "logged_in"
        case requestRetried = "request_retried"
        case accountThrottled = "account_throttled"
        case sliceVerified = "slice_verified"
        case sliceRewalked = "slice_rewalked"
        case windowRestarted = "window_restarted"
        case windowAsksAgain = "window_asks_again"
        case windowEnded = "window_ended"
        case failuresRepeated = "failures_repeated"
        case partitionPublished = "partition_published"
        case partitionNoted = "partition_noted"
        case rowsGone = "rows_gone"
        case rowsChanged = "rows_changed"
        case recordsSetAside = "records_set_aside"
        case fieldAbsent = "field_absent"
        case commasIgnored = "commas_ignored"
        case windowsSkipped = "windows_skipped"
        case windowsOutdated = "windows_outdated"
        case streamLeftOut = "stream_left_out"
        case runFileWritten = "run_file_written"
        case runFileMissing = "run_file_missing"
        case runTakenOver = "run_taken_over"
        case partitionUnreadable = "partition_unreadable"
        case stagingRecovered = "staging_recovered"
        case stagingUnknown = "staging_unknown"
        case stagingLeft = "staging_left"
        case archiveNoted = "archive_noted"
        case archiveUnusable = "archive_unusable"
        case archiveNotTidied = "archive_not_tidied"
        case archiveNotPruned = "archive_not_pruned"
        case endsNotRecorded = "ends_not_recorded"
        case drainListed = "drain_listed"
        case drainMerged = "drain_merged"
        case commandEnded = "command_ended"
        case commandFailed = "command_failed"
        case fileNotWritten = "file_not_written"
        case leaseTakenOver = "lease_taken_over"
        case leaseLost = "lease_lost"
        case leaseNotReleased = "lease_not_released"
        case storeUnconditional = "store_unconditional"
        case storeRetried = "store_retried"
        case finding

        /// The level of an event of this name, where the event does not say otherwise.
        public var level: Level {
            switch self {
            case .windowStarted, .loggedIn, .requestRetried, .accountThrottled, .sliceVerified,
                .sliceRewalked, .windowRestarted, .windowEnded, .commandEnded,
                .storeRetried:
                .debug
            case .runStarted, .runEnded, .progress, .windowResumed, .partitionPublished,
                .runFileWritten:
                .info
            case .runInterrupted, .partitionNoted, .rowsChanged, .commasIgnored, .streamLeftOut,
                .runTakenOver, .stagingRecovered, .stagingUnknown, .archiveNoted, .drainListed,
                .drainMerged, .leaseTakenOver:
                .notice
            case .windowAsksAgain, .rowsGone, .recordsSetAside, .fieldAbsent, .windowsSkipped,
                .windowsOutdated, .partitionUnreadable, .stagingLeft, .archiveUnusable,
                .archiveNotTidied, .archiveNotPruned, .commandFailed, .fileNotWritten,
                .leaseNotReleased, .storeUnconditional, .finding:
                .warning
            case .runRefused, .failuresRepeated, .runFileMissing, .endsNotRecorded, .leaseLost:
                .error
            }
        }
    }
}

/// Where the events of one run go.
struct RunEvents: Sendable {
    let pipeline: String
    let runID: String
    /// Events below it are not made.
    let leastLevel: RunEvent.Level
    let onEvent: @Sendable (RunEvent) -> Void

    init(pipeline: String, runID: String, environment: RunEnvironment) {
        self.pipeline = pipeline
        self.runID = runID
        leastLevel = environment.leastLevel
        onEvent = environment.onEvent
    }

    /// Reports an event, which is only made if its name's level is looked at.
    func report(_ name: RunEvent.Name, _ make: (RunEvent.Name) -> RunEvent) {
        if name.level >= leastLevel { report(make(name)) }
    }

    /// Reports an event that was made.
    func report(_ event: RunEvent) {
        guard event.level >= leastLevel else { return }
        var event = event
        event.pipeline = pipeline
        event.runID = runID
        onEvent(event)
    }
}
