public import ExportModel

/// How a drain ended.
public struct DrainEnd: Sendable {
    /// Requests sent, retries included.
    public var requestCount: Int
    /// Some answer did not arrive whole, or was asked for again, so that records may be marked as
    /// read that nobody has: they must be looked for among the read ones.
    public var mayHaveLost: Bool
}

extension ExtractionError {
    /// An answer without records that says how many there are: the end of a drain is one that says
    /// there are none.
    fileprivate static func withheld(_ total: Int) -> ExtractionError {
        ExtractionError(
            .unreconciled, code: .unreconciled,
            message: """
                the provider reports \(total) records that are not read yet, but answers without \
                them; what was read is kept, and the next run goes on from there
                """)
    }
}

extension WindowExtractor {
    /// Answers a drain may take at most.
    static let maximumDrainAnswers = 1_000_000

    /// Reads the records that are not marked as read, which marks them: page 1 again and again, one
    /// request at a time, until it is empty.
    ///
    /// - Parameters:
    ///   - range: the window; what is asked for reaches a second further on both sides.
    ///   - consume: called with every answer that has records, before the next request; when it
    ///     returns, the answer must be safe.
    /// - Throws: also `unreconciled` where an answer is empty though the provider reports records.
    public func drain<Failure: Error>(
        _ range: TimeRange, consume: (RawPage) throws(Failure) -> Void
    ) throws(WalkError<Failure>) -> DrainEnd {
        let reader: AnswerReader
        do {
            reader = try AnswerReader(endpoint: stream.endpoint, environment: environment)
        } catch {
            throw .extraction(error)
        }
        let asked = padding.padded(range)
        var end = DrainEnd(requestCount: 0, mayHaveLost: false)
        for number in 1...Self.maximumDrainAnswers {
            let page = PageFetch(
                .page(number: 1, size: stream.extract.pageSize, range: asked), number: number)
            let fetched = fetcher.fetch(page, reader: reader)
            end.requestCount += fetched.requestCount
            if fetched.requestCount > 1 { end.mayHaveLost = true }
            switch fetched.content {
            case .failed(let error): throw .extraction(error)
            case .unknownID: return end
            case .page(let page) where page.rowCount == 0:
                guard page.total == 0 else { throw .extraction(.withheld(page.total)) }
                return end
            case .page(let page):
                if page.isSuspect || page.rowCount < min(page.total, stream.extract.pageSize) {
                    end.mayHaveLost = true
                }
                do {
                    try consume(page.page)
                } catch {
                    throw .consumer(error)
                }
            }
        }
        throw .extraction(
            ExtractionError(
                .unknownAnswer, code: .endlessDrain,
                message: """
                    the provider still answers with records after \(Self.maximumDrainAnswers) reads, \
                    so reading does not seem to mark them; use another `syncflag`
                    """))
    }
}
