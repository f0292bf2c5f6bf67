public import ExportModel

extension WindowExtractor {
    /// Asks for the first page of the last minute, or for an id that nobody has, to see whether the
    /// provider takes the credentials.
    ///
    /// - Throws: what a walk would fail with.
    public func probe(at now: Timestamp) throws(ExtractionError) {
        let reader = try AnswerReader(endpoint: stream.endpoint, environment: environment)
        let minute = TimeRange(start: now.advanced(milliseconds: -60_000), end: now)
        let subject: RequestBuilder.Subject =
            stream.endpoint.request.requestID == nil
            ? .page(number: 1, size: stream.extract.pageSize, range: minute)
            : .requestID("cdrx-check")
        let fetched = fetcher.fetch(PageFetch(subject, number: 1), reader: reader)
        if case .failed(let error) = fetched.content { throw error }
    }
}
