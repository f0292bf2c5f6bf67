import BoundedDispatch
public import ExportModel
import PageDecoding

/// Extracts one window of one stream and account: every record once, or an error.
///
/// ``walk(_:resumed:)`` decides what is asked for, ``perform(_:readers:)`` does it on a lane.
public struct WindowExtractor: Sendable {
    /// What is extracted, and how.
    let stream: Stream
    /// Whose requests these are.
    let session: AccountSession
    /// Fetches single pages, with retries.
    let fetcher: PageFetcher
    /// Clock and randomness.
    let environment: ExtractionEnvironment

    /// - Parameter observer: learns of every request for a page.
    public init(
        stream: Stream, session: AccountSession, transport: any Transport,
        environment: ExtractionEnvironment, observer: any ExtractionObserver = SilentObserver()
    ) {
        self.stream = stream
        self.session = session
        self.environment = environment
        fetcher = PageFetcher(
            stream: stream, session: session, transport: transport, environment: environment,
            observer: observer)
    }

    /// How far requests reach over what they are for.
    var padding: WindowPadding {
        WindowPadding(stream.endpoint.request.window, sourceZone: stream.sourceZone)
    }

    /// The walk of a window of time.
    ///
    /// - Parameter resumed: slices verified by an earlier run, in time order; they are not asked
    ///   for again.
    public func walk(
        _ range: TimeRange, resumed: ResumedSlices = ResumedSlices()
    ) -> AccountWalk {
        board(
            WindowWalk(
                window: range, gaps: resumed.gaps(in: range), tally: resumed.tally,
                padding: padding, rules: WalkRules(stream)))
    }

    /// The walk of a list of ids; their answers come in chunks, in the list's order.
    ///
    /// - Parameters:
    ///   - start: ids before it were handed out by an earlier run.
    ///   - known: place of an id that the provider answered an earlier run for.
    public func walk(ids: [String], from start: Int = 0, known: Int? = nil) -> AccountWalk {
        board(RequestListWalk(ids: ids, start: start, known: known))
    }

    private func board(_ walk: any PageWalk) -> AccountWalk {
        AccountWalk(
            walk, session: session, pagesInFlight: stream.extract.pagesInFlight,
            environment: environment, observer: fetcher.observer)
    }

    /// Does a piece of a walk on the calling lane.
    public func perform(_ job: WalkJob, readers: inout AnswerReaders) -> WalkOutcome {
        switch job.work {
        case .assemble(let pages, let range):
            return .assembled(
                SliceAssembler.assemble(
                    pages.compactMap { $0 }, range: range, asked: range.map(padding.listed)))
        case .page(let fetch):
            do throws(ExtractionError) {
                let reader = try readers.reader(of: stream.endpoint, environment: environment)
                return fetcher.attempt(fetch, reader: reader)
            } catch {
                return .fetched(FetchedPage(content: .failed(error), requestCount: 0))
            }
        }
    }

    /// Walks a window on the calling thread, one request after the other.
    ///
    /// - Parameter consume: called for every event; what it throws ends the walk.
    /// - Returns: requests sent.
    public func extract<Failure: Error>(
        _ range: TimeRange, consume: (WalkEvent) throws(Failure) -> Void
    ) throws(WalkError<Failure>) -> Int {
        var walk = walk(range)
        var readers = AnswerReaders()
        while true {
            if case .item(let event) = walk.collect() {
                do {
                    try consume(event)
                } catch {
                    throw .consumer(error)
                }
                continue
            }
            var claim = walk.claim(.compute)
            if case .item = claim {} else { claim = walk.claim(.request) }
            switch claim {
            case .item(let job): walk.complete(job, with: perform(job, readers: &readers))
            case .pause(let milliseconds): _ = environment.sleep(milliseconds, session.stop)
            case .wait, .done:
                do throws(ExtractionError) {
                    return try walk.result()
                } catch {
                    throw .extraction(error)
                }
            }
        }
    }
}

/// The readers of one lane, by endpoint; made when they are first needed.
public struct AnswerReaders {
    private var readers: [String: AnswerReader] = [:]

    public init() {}

    mutating func reader(
        of endpoint: Endpoint, environment: ExtractionEnvironment
    ) throws(ExtractionError) -> AnswerReader {
        if let known = readers[endpoint.id] { return known }
        let reader = try AnswerReader(endpoint: endpoint, environment: environment)
        readers[endpoint.id] = reader
        return reader
    }
}

/// Why a walk ended early: its own error, or what its consumer threw.
public enum WalkError<Consumer: Error>: Error {
    case extraction(ExtractionError)
    case consumer(Consumer)
}
