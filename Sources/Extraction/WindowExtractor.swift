import BoundedDispatch
public import ExportModel
import PageDecoding

/// Extracts one window of one stream and account: every record once, or an error.
///
/// Runs on the caller's thread, with `pages_in_flight` lanes below it.
public struct WindowExtractor: Sendable {
    /// What is extracted, and how.
    let stream: Stream
    /// Whose requests these are.
    let session: AccountSession
    /// Fetches single pages, with retries.
    let fetcher: PageFetcher
    /// Time and chance.
    let environment: ExtractionEnvironment

    public init(
        stream: Stream, session: AccountSession, transport: any Transport,
        environment: ExtractionEnvironment
    ) {
        self.stream = stream
        self.session = session
        self.environment = environment
        fetcher = PageFetcher(
            stream: stream, session: session, transport: transport, environment: environment)
    }

    /// How far requests reach over what they are for.
    var padding: WindowPadding {
        let isLocal = stream.endpoint.request.window?.format == .localDateTime
        return WindowPadding(zone: isLocal ? stream.sourceZone : nil)
    }

    /// What a window's extraction reports as it goes on.
    public enum Event: Sendable {
        /// The next verified slice, in time order.
        case slice(ExtractedSlice)
        /// Records moved between slices: forget all slices so far.
        case restart
        /// The last, only with `on_mismatch: publish`: records and totals do not agree.
        case unreconciled(ExtractionError)
    }

    /// Walks a window of time.
    ///
    /// - Parameters:
    ///   - range: the window.
    ///   - resumed: slices verified by an earlier run, in time order; they are not asked for again.
    ///   - consume: called on the calling thread for every event; what it throws ends the walk.
    /// - Returns: requests sent.
    public func extract<Failure: Error>(
        _ range: TimeRange, resumed: ResumedSlices = ResumedSlices(),
        consume: (Event) throws(Failure) -> Void
    ) throws(WalkError<Failure>) -> Int {
        let walk = WindowWalk(
            window: range, gaps: resumed.gaps(in: range), tally: resumed.tally,
            padding: padding, rules: WalkRules(stream))
        let ended = try run(walk, perform: perform) { (output) throws(Failure) -> Void in
            switch output {
            case .restart: try consume(.restart)
            case .slice(let slice): try consume(.slice(slice))
            case .unreconciled(let error): try consume(.unreconciled(error))
            }
        }
        if let error = outcome(failure: ended.failure, isFinished: ended.isFinished) {
            throw .extraction(error)
        }
        return ended.requestCount
    }

    /// Asks for every id of a list.
    ///
    /// - Parameters:
    ///   - start: ids before it were handed out by an earlier run.
    ///   - known: place of an id that the provider answered an earlier run for.
    ///   - consume: as for windows; the chunks come in the list's order.
    /// - Returns: requests sent.
    public func extract<Failure: Error>(
        ids: [String], from start: Int = 0, known: Int? = nil,
        consume: (Event) throws(Failure) -> Void
    ) throws(WalkError<Failure>) -> Int {
        let walk = RequestListWalk(ids: ids, start: start, known: known)
        let ended = try run(walk, perform: perform) { (slice) throws(Failure) -> Void in
            try consume(.slice(slice))
        }
        if let failure = ended.failure, failure.kind == .authentication { session.refuse(failure) }
        if let error = outcome(failure: ended.failure, isFinished: ended.isFinished) {
            throw .extraction(error)
        }
        return ended.requestCount
    }

    /// What a lane reads answers with; an entry that cannot be read fails its first page.
    private typealias LaneReader = Result<AnswerReader, ExtractionError>

    private func run<Board: LaneBoard & Sendable, Failure: Error>(
        _ board: Board, perform: @escaping @Sendable (inout LaneReader, Board.Job) -> Board.Outcome,
        consume: (Board.Output) throws(Failure) -> Void
    ) throws(WalkError<Failure>) -> Board {
        let lanes = LaneGroup(
            requestLanes: stream.extract.pagesInFlight, label: "cdrx.pages.\(stream.name)")
        let endpoint = stream.endpoint
        let environment = environment
        do throws(Failure) {
            return try lanes.run(
                board, stop: session.stop,
                makeContext: { () -> LaneReader in
                    do throws(ExtractionError) {
                        return .success(
                            try AnswerReader(endpoint: endpoint, environment: environment))
                    } catch {
                        return .failure(error)
                    }
                },
                perform: perform, consume: consume)
        } catch {
            throw .consumer(error)
        }
    }

    @Sendable
    private func perform(
        _ reader: inout LaneReader, _ job: WindowWalk.Job
    ) -> WindowWalk.Outcome {
        switch job.work {
        case .total(let page), .slice(.page(let page)): .fetched(fetch(page, reader))
        case .slice(.assemble(let pages, let range)):
            .assembled(
                SliceAssembler.assemble(pages, range: range, asked: padding.padded(range)))
        }
    }

    @Sendable
    private func perform(
        _ reader: inout LaneReader, _ job: RequestListWalk.Job
    ) -> RequestListWalk.Outcome {
        switch job {
        case .page(let page), .proof(let page, _): .fetched(fetch(page, reader))
        case .assemble(let pages): .assembled(SliceAssembler.assemble(pages, range: nil))
        }
    }

    private func fetch(_ page: PageJob, _ reader: LaneReader) -> FetchedPage {
        switch reader {
        case .success(let reader): fetcher.fetch(page, reader: reader)
        case .failure(let error): FetchedPage(content: .failed(error), requestCount: 0)
        }
    }

    /// nil if the walk came to its end.
    private func outcome(failure: ExtractionError?, isFinished: Bool) -> ExtractionError? {
        if let failure { return failure }
        return isFinished ? nil : session.refusal ?? .interrupted
    }
}

/// Why a walk ended early: its own error, or what its consumer threw.
public enum WalkError<Consumer: Error>: Error {
    case extraction(ExtractionError)
    case consumer(Consumer)
}
