import ExportModel

/// Turns what is asked for into the request that the endpoint's document describes.
struct RequestBuilder: Sendable {
    /// Base URL and path.
    let url: String
    /// Parameters that the answer must repeat.
    let echoedParameters: [String]
    /// Headers of the answer that are needed.
    let wantedHeaders: [String]
    /// How the entry says a request is made.
    let shape: RequestShape
    /// The endpoint's optional parameters as the pipeline sets them.
    let parameters: [NamedValue]
    /// Of the local times that are sent.
    let sourceZone: SourceZone
    let timeoutMilliseconds: Int64
    /// PEM, trusted instead of the machine's certificates.
    let certificateFile: String?

    init(stream: Stream) {
        url = stream.baseURL + stream.endpoint.request.path
        echoedParameters = stream.endpoint.response.echoes.map(\.parameter)
        wantedHeaders = EnvelopeReader.headers(of: stream.endpoint)
        shape = stream.endpoint.request
        parameters = stream.parameters
        sourceZone = stream.sourceZone
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

    /// The POST that asks for a subject.
    func request(_ subject: Subject, credentials: [String: Secret]) -> ProviderRequest {
        var url = url
        var body = RequestBody(encoding: shape.encoding)
        for value in shape.fixed { body.append(value) }
        for field in shape.credentials {
            guard let secret = credentials[field.name] else { continue }
            body.append(field.name, text: secret.revealed(), type: field.type)
        }
        switch subject {
        case .page(let number, let size, let range, let continuation):
            appendWindow(range, to: &body)
            switch continuation {
            case .link(let link): url = link
            case .cursor(let values): append(values, to: &body)
            case nil: break
            }
            if let paging = shape.paging {
                if let name = paging.numberParameter,
                    let value = paging.number(ofPage: number, size: size)
                {
                    body.append(name, text: String(value), type: .int)
                }
                if let name = paging.sizeParameter {
                    body.append(name, text: String(size), type: .int)
                }
            }
        case .requestID(let id):
            if let parameter = shape.requestID {
                body.append(parameter.name, text: id, type: .text)
            }
        }
        for value in parameters { body.append(value) }
        let (contentType, bytes) = body.finished()
        var request = ProviderRequest(
            url: url, contentType: contentType, body: bytes,
            timeoutMilliseconds: timeoutMilliseconds, certificateFile: certificateFile)
        request.wantedHeaders = wantedHeaders
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
        guard case .page(let number, let size, let range, _) = subject else { return nil }
        if name == shape.paging?.sizeParameter { return String(size) }
        if name == shape.paging?.numberParameter {
            return shape.paging?.number(ofPage: number, size: size).map { String($0) }
        }
        if name == shape.window?.start { return text(of: range.start) }
        if name == shape.window?.end { return text(of: range.end) }
        return nil
    }

    private func append(_ cursor: [String], to body: inout RequestBody) {
        guard case .cursor(let cursors) = shape.paging?.step else { return }
        for (part, value) in zip(cursors, cursor) {
            body.append(part.parameter, text: value, type: .text)
        }
    }

    private func appendWindow(_ range: TimeRange, to body: inout RequestBody) {
        guard let window = shape.window else { return }
        for (name, moment) in [(window.start, range.start), (window.end, range.end)] {
            body.append(
                name, text: text(of: moment) ?? "",
                type: window.format == .epochMilliseconds ? .int : .text)
        }
    }

    /// A bound as the window's format writes it; nil where there is no window.
    private func text(of moment: Timestamp) -> String? {
        switch shape.window?.format {
        case nil: return nil
        case .epochMilliseconds: return String(moment.epochMilliseconds)
        case .localDateTime:
            var bytes: [UInt8] = []
            TimestampText.appendLocalDateTime(sourceZone.localSeconds(of: moment), to: &bytes)
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
