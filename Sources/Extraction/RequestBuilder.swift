import ExportModel

/// Turns what is asked for into the request that the endpoint's document describes.
struct RequestBuilder: Sendable {
    let baseURL: String
    /// Parameters that the answer must repeat.
    let echoedParameters: [String]
    /// Headers of the answer that are needed.
    let wantedHeaders: [String]
    /// What the answer is asked to be, where that is not JSON and the entry does not say.
    let accept: RequestHeader?
    /// How the entry says a request is made.
    let shape: RequestShape
    /// The endpoint's optional parameters as the pipeline sets them.
    let parameters: [NamedValue]
    /// How the bounds of a window are written; nil at endpoints that are asked by id.
    let window: WindowText?
    let timeoutMilliseconds: Int64
    /// PEM, trusted instead of the machine's certificates.
    let certificateFile: String?

    init(stream: Stream) {
        baseURL = stream.baseURL
        echoedParameters = stream.endpoint.response.echoes.map(\.parameter)
        wantedHeaders = EnvelopeReader.headers(of: stream.endpoint)
        accept = stream.endpoint.response.body.mediaType.map {
            RequestHeader(name: "Accept", value: $0)
        }
        shape = stream.endpoint.request
        parameters = stream.parameters
        window = shape.window.map { WindowText($0, sourceZone: stream.sourceZone) }
        timeoutMilliseconds = stream.extract.timeoutMilliseconds
        certificateFile = stream.extract.certificateFile
    }

    /// What one request asks for.
    enum Subject: Hashable, Sendable {
        /// A page of the records between two bounds, both sent as they are; `after` is what the
        /// page before it says of it, where pages are not numbered.
        case page(number: Int, size: Int, range: TimeRange, after: Continuation? = nil)
        case requestID(String)

        /// Rows a page is asked for; no limit where there are no pages.
        var pageSize: Int {
            if case .page(_, let size, _, _) = self { size } else { .max }
        }

        /// The bounds that are sent; nil for an id.
        var range: TimeRange? {
            if case .page(_, _, let range, _) = self { range } else { nil }
        }
    }

    /// The request that asks for a subject.
    ///
    /// - Throws: `unsendable_value` where a parameter cannot be sent at its place.
    func request(
        _ subject: Subject, credentials: [String: Secret]
    ) throws(ExtractionError) -> ProviderRequest {
        var writer = RequestWriter(shape, baseURL: baseURL)
        for value in shape.fixed { writer.append(value) }
        writer.append(credentials)
        switch subject {
        case .page(let number, let size, let range, let continuation):
            for value in window?.parameters(range) ?? [] { writer.append(value) }
            switch continuation {
            case .link(let link): writer.link = link
            case .cursor(let values):
                for value in cursor(values) { writer.append(value) }
            case .offset, nil: break
            }
            for value in paging(number: number, size: size, after: continuation) {
                writer.append(value)
            }
        case .requestID(let id):
            if let parameter = shape.requestID {
                writer.append(
                    NamedValue(name: parameter.name, value: .text(id), place: parameter.place))
            }
        }
        for value in parameters { writer.append(value) }
        var request = try writer.finished(
            timeoutMilliseconds: timeoutMilliseconds, certificateFile: certificateFile)
        request.wantedHeaders = wantedHeaders
        if let accept, !request.headers.contains(where: { $0.name.lowercased() == "accept" }) {
            request.headers.append(accept)
        }
        return request
    }

    /// What the answer to a request for a subject must agree with.
    func question(_ subject: Subject, url: String) -> PageQuestion {
        var values: [String: String] = [:]
        for name in echoedParameters { values[name] = sentText(of: name, subject) }
        return PageQuestion(url: url, echoes: values)
    }

    /// What a request sends for a parameter; nil where it sends nothing.
    private func sentText(of name: String, _ subject: Subject) -> String? {
        if let value = (shape.fixed + parameters).first(where: { $0.name == name }) {
            return value.value.text
        }
        guard case .page(let number, let size, let range, let after) = subject else { return nil }
        let sent =
            paging(number: number, size: size, after: after) + (window?.parameters(range) ?? [])
        return sent.first { $0.name == name }?.value.text
    }

    private func paging(number: Int, size: Int, after: Continuation?) -> [NamedValue] {
        guard let paging = shape.paging else { return [] }
        var place = paging.number(ofPage: number, size: size)
        if case .offset(let rows) = after, case .offset(_, let first) = paging.step {
            place = first + rows
        }
        let values = [
            (paging.numberParameter, place),
            (paging.sizeParameter, size),
        ]
        return values.compactMap { name, value in
            guard let name, let value else { return nil }
            return NamedValue(name: name, value: .int(Int64(value)))
        }
    }

    private func cursor(_ values: [String]) -> [NamedValue] {
        guard case .cursor(let cursors) = shape.paging?.step else { return [] }
        return zip(cursors, values).map { NamedValue(name: $0.parameter, value: .text($1)) }
    }
}
