public import ExportModel

/// The records of a single response, as a walk would take them.
public struct SampleAnswer: Sendable {
    /// Every record of the response, each once; those without key or time are unidentified.
    public var slice: ExtractedSlice
    /// Records that the provider reports; nil where it reports none, or does not know the id.
    public var total: Int?
}

extension WindowExtractor {
    /// Sends one request, and gives its records.
    ///
    /// - Throws: what a walk would fail with.
    public func sample(_ subject: ProbeSubject) throws(ExtractionError) -> SampleAnswer {
        switch try answer(to: subject) {
        case .failed(let error): throw error
        case .page(let page):
            let assembled = SliceAssembler.assemble([page], range: nil)
            return SampleAnswer(slice: assembled.slice, total: page.total)
        case .unknownID:
            let slice = ExtractedSlice(
                range: nil, pages: [], rows: [], unidentified: [], counts: ExtractionCounts())
            return SampleAnswer(slice: slice, total: nil)
        }
    }

    /// What ``sample(_:)`` sends, without the credentials.
    public func shownRequest(_ subject: ProbeSubject) throws(ExtractionError) -> String {
        let credentials = try fetcher.session.credentials().values
        let request = try fetcher.builder.request(
            firstPage(of: subject), credentials: credentials)
        var lines = ["\(request.method.rawValue) \(request.url)"]
        lines += request.headers.map { "\($0.name): \($0.value)" }
        if let body = request.body, request.contentType?.hasPrefix("multipart/") == false {
            lines.append(String(decoding: body, as: UTF8.self))
        }
        return SentSecrets(credentials, auth: fetcher.endpoint.request.auth)
            .hidden(in: lines.joined(separator: "\n"))
    }
}
