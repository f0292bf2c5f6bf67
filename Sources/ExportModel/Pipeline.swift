/// A valid pipeline: every reference resolved, every default filled in.
public struct Pipeline: Sendable {
    /// ``lanes`` where the file says nothing.
    public static let defaultLanes = 32

    /// Names the ledger's entries; `[a-z0-9-]+`.
    public var name: String
    /// Zone that cuts windows and partitions, an IANA name.
    public var timeZoneIdentifier: String
    /// Directory of ledger and archive; nil: `<output.path>/_state`.
    public var statePath: String?
    /// Which of the pipeline file's accounts ``streams`` have; nil: all.
    public var shard: Shard?
    /// Most requests a second over all accounts; nil: no such cap.
    public var requestsPerSecond: Double?
    /// Requests in flight over the whole run, 1…240.
    public var lanes: Int
    public var archive: ArchiveKeep
    public var output: OutputOptions
    /// In the file's order; names are unique.
    public var streams: [Stream]
    /// Called after a run with exit code 0.
    public var onSuccess: EndCommand?
    /// Called after any other run.
    public var onFailure: EndCommand?

    public init(
        name: String, timeZoneIdentifier: String, statePath: String?, requestsPerSecond: Double?,
        lanes: Int = Pipeline.defaultLanes, archive: ArchiveKeep = .standard,
        output: OutputOptions, streams: [Stream]
    ) {
        self.name = name
        self.timeZoneIdentifier = timeZoneIdentifier
        self.statePath = statePath
        self.requestsPerSecond = requestsPerSecond
        self.lanes = lanes
        self.archive = archive
        self.output = output
        self.streams = streams
    }
}

/// A shell command that gets a run's summary when the run has ended.
public struct EndCommand: Hashable, Sendable {
    /// ``timeoutMilliseconds`` where the pipeline file says nothing.
    public static let defaultTimeoutMilliseconds: Int64 = 60_000

    /// As the shell gets it: references to the environment are the shell's.
    public var command: String
    /// It is ended if it takes longer.
    public var timeoutMilliseconds: Int64

    public init(
        command: String, timeoutMilliseconds: Int64 = EndCommand.defaultTimeoutMilliseconds
    ) {
        self.command = command
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}

/// How long what the provider sent stays in the archive.
public enum ArchiveKeep: Hashable, Sendable {
    /// Until so long after the window's end.
    case milliseconds(Int64)
    case forever
    /// Only while a window is not published; `none` in a pipeline file.
    case untilPublished

    /// Where the pipeline file says nothing: 35 days, a month and a few days to notice.
    public static let standard = Self.milliseconds(35 * 86_400_000)
}

/// One endpoint with its accounts in one pipeline.
public struct Stream: Sendable {
    /// Names the output directory; unique in the pipeline.
    public var name: String
    public var endpoint: Endpoint
    /// Scheme, host, port and prefix, without a trailing slash; the endpoint's path is appended.
    public var baseURL: String
    /// The same for the endpoint's login; nil: ``baseURL``.
    public var loginURL: String?
    /// Zone of the provider's zone-less times.
    public var sourceZone: SourceZone
    /// In the file's order; names are unique in the stream.
    public var accounts: [Account]
    /// The endpoint's optional parameters as they will be sent, defaults included.
    public var parameters: [NamedValue]
    /// Present exactly at endpoints that are asked by id.
    public var requests: RequestList?
    public var windows: WindowOptions
    public var extract: ExtractOptions
    public var columns: ColumnPlan

    public init(
        name: String, endpoint: Endpoint, baseURL: String, loginURL: String? = nil,
        sourceZone: SourceZone, accounts: [Account], parameters: [NamedValue],
        requests: RequestList?,
        windows: WindowOptions, extract: ExtractOptions, columns: ColumnPlan
    ) {
        self.name = name
        self.endpoint = endpoint
        self.baseURL = baseURL
        self.loginURL = loginURL
        self.sourceZone = sourceZone
        self.accounts = accounts
        self.parameters = parameters
        self.requests = requests
        self.windows = windows
        self.extract = extract
        self.columns = columns
    }

    /// The same stream asking for the records that are marked as read; nil if it is no drain.
    public var listingDrained: Stream? {
        guard isDrain else { return nil }
        var copy = self
        for option in endpoint.request.optional {
            guard let drained = option.drainedValue,
                let index = copy.parameters.firstIndex(where: { $0.name == option.name })
            else { continue }
            copy.parameters[index].value = drained
        }
        return copy.isDrain ? nil : copy
    }

    /// Whether reading takes the records off the server's unread list (Commo `syncflag: 1`).
    public var isDrain: Bool {
        endpoint.request.optional.contains { option in
            option.drainValue != nil
                && parameters.contains { $0.name == option.name && $0.value == option.drainValue }
        }
    }
}

/// One set of credentials at an endpoint.
public struct Account: Sendable {
    /// Names the output directory `cdrx_account=<name>`.
    public var name: String
    /// By documented name: either all of the endpoint's credentials, or all that its login takes.
    public var credentials: [String: Secret]

    public init(name: String, credentials: [String: Secret]) {
        self.name = name
        self.credentials = credentials
    }
}

/// A field of one stream whose values are the request ids of another (`for_each`).
public struct ParentField: Hashable, Sendable {
    /// Name of the stream; it is asked by time.
    public var stream: String
    /// Name of a field of its endpoint's entry.
    public var field: String

    public init(stream: String, field: String) {
        self.stream = stream
        self.field = field
    }
}

/// Ids to ask for, at endpoints without windows.
public enum RequestList: Hashable, Sendable {
    /// One id a line. A path with `{window}` names one file for each window of the grid; one
    /// without is a single batch named `batch`.
    case file(path: String, batch: String)
    case ids([String], batch: String)
    /// Each account window asks for the ids that the same account window of another stream has.
    case forEach(ParentField)

    /// Whether each window of the grid has a list of its own.
    public var isPerWindow: Bool {
        switch self {
        case .file(let path, _): path.contains("{window}")
        case .ids: false
        case .forEach: true
        }
    }

    /// Where the ids come from that another stream has.
    public var parent: ParentField? {
        if case .forEach(let parent) = self { parent } else { nil }
    }
}

/// Which windows a run exports.
public struct WindowOptions: Hashable, Sendable {
    public var every: WindowGrid
    public var range: WindowRange
    /// A window is due once its end and this have passed.
    public var settleMilliseconds: Int64
    /// Newest due windows to extract again although they are complete.
    public var refresh: Int
    /// Every due window since then that is not complete is exported too.
    public var catchUpFrom: LocalHour?
    /// What becomes of a published window of which the provider has fewer rows now.
    public var shrink: ShrinkPolicy

    public init(
        every: WindowGrid, range: WindowRange, settleMilliseconds: Int64, refresh: Int,
        catchUpFrom: LocalHour?, shrink: ShrinkPolicy = .keep
    ) {
        self.every = every
        self.range = range
        self.settleMilliseconds = settleMilliseconds
        self.refresh = refresh
        self.catchUpFrom = catchUpFrom
        self.shrink = shrink
    }
}

/// What a run does with fewer rows than stand published.
public enum ShrinkPolicy: String, CaseIterable, Sendable {
    /// What stands stays; the window is `shrunk` until the rows are back or are given up.
    case keep
    /// The fewer rows are published.
    case replace
    /// What stands stays; the window fails.
    case fail
}

/// How time is cut into windows, in the pipeline's zone.
public enum WindowGrid: String, CaseIterable, Sendable {
    case hour, day, month
}

/// An hour of a day in the pipeline's zone; hour 0 stands for the day itself.
public struct LocalHour: Hashable, Comparable, Sendable {
    public var date: CivilDate
    /// 0…23
    public var hour: Int

    public init(date: CivilDate, hour: Int = 0) {
        self.date = date
        self.hour = hour
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.date, left.hour) < (right.date, right.hour)
    }
}

/// The stretch a run covers, before it is cut into windows.
public enum WindowRange: Hashable, Sendable {
    case yesterday
    case today
    /// The last `count` whole units before the one that holds now.
    case last(count: Int, unit: WindowGrid)
    /// `[from, to)`, both on the grid.
    case between(from: LocalHour, to: LocalHour)
}

/// How much of a slice is asked for again, to see whether its records moved meanwhile.
public enum WalkConfirmation: String, CaseIterable, Sendable {
    /// The first, the middle and the last page.
    case edges
    /// Every page.
    case all
}

/// What becomes of a window whose records are not as many as the provider reports.
public enum MismatchPolicy: String, CaseIterable, Sendable {
    case fail
    /// Published all the same, marked in the manifest, and tried again by the next run.
    case publish
}

/// How a window is extracted.
public struct ExtractOptions: Hashable, Sendable {
    /// Pages of one window at once, 1…64.
    public var pagesInFlight: Int
    /// Windows of the stream that are walked side by side, 1…240.
    public var windowsInFlight: Int
    /// Per account.
    public var requestsPerSecond: Double
    /// A slice with more pages is bisected.
    public var slicePages: Int
    /// Rows to ask a page for.
    public var pageSize: Int
    /// Of one request.
    public var timeoutMilliseconds: Int64
    /// Of one page.
    public var attempts: Int
    /// Of one account window.
    public var maxRejects: RejectLimit
    /// What is asked for twice.
    public var confirmation: WalkConfirmation
    /// What becomes of records that are not as many as reported.
    public var onMismatch: MismatchPolicy
    /// PEM file, trusted instead of the machine's certificates; nil: those.
    public var certificateFile: String?

    public init(
        pagesInFlight: Int, windowsInFlight: Int, requestsPerSecond: Double, slicePages: Int,
        pageSize: Int, timeoutMilliseconds: Int64, attempts: Int, maxRejects: RejectLimit,
        confirmation: WalkConfirmation = .edges, onMismatch: MismatchPolicy = .fail,
        certificateFile: String? = nil
    ) {
        self.pagesInFlight = pagesInFlight
        self.windowsInFlight = windowsInFlight
        self.requestsPerSecond = requestsPerSecond
        self.slicePages = slicePages
        self.pageSize = pageSize
        self.timeoutMilliseconds = timeoutMilliseconds
        self.attempts = attempts
        self.maxRejects = maxRejects
        self.confirmation = confirmation
        self.onMismatch = onMismatch
        self.certificateFile = certificateFile
    }
}
