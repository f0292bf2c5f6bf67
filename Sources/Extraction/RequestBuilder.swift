import ExportModel

/// Turns what is asked for into the request that the endpoint's document describes.
struct RequestBuilder: Sendable {
    /// Base URL and path.
    let url: String
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
        shape = stream.endpoint.request
        parameters = stream.parameters
        sourceZone = stream.sourceZone
        timeoutMilliseconds = stream.extract.timeoutMilliseconds
        certificateFile = stream.extract.certificateFile
    }

    /// What one request asks for.
    enum Subject: Hashable, Sendable {
        /// A page of the records between two bounds, both sent as they are.
        case page(number: Int, size: Int, range: TimeRange)
        case requestID(String)

        /// Rows a page is asked for; no limit where there are no pages.
        var pageSize: Int {
            if case .page(_, let size, _) = self { size } else { .max }
        }

        /// The bounds that are sent; nil for an id.
        var range: TimeRange? {
            if case .page(_, _, let range) = self { range } else { nil }
        }
    }

    /// The POST that asks for a subject.
    func request(_ subject: Subject, credentials: [String: Secret]) -> ProviderRequest {
        var body = RequestBody(encoding: shape.encoding)
        for value in shape.fixed { body.append(value) }
        for field in shape.credentials {
            guard let secret = credentials[field.name] else { continue }
            body.append(field.name, text: secret.revealed(), type: field.type)
        }
        switch subject {
        case .page(let number, let size, let range):
            appendWindow(range, to: &body)
            if let paging = shape.paging {
                body.append(paging.pageParameter, text: String(number), type: .int)
                body.append(paging.sizeParameter, text: String(size), type: .int)
            }
        case .requestID(let id):
            if let parameter = shape.requestID {
                body.append(parameter.name, text: id, type: .text)
            }
        }
        for value in parameters { body.append(value) }
        let (contentType, bytes) = body.finished()
        return ProviderRequest(
            url: url, contentType: contentType, body: bytes,
            timeoutMilliseconds: timeoutMilliseconds, certificateFile: certificateFile)
    }

    private func appendWindow(_ range: TimeRange, to body: inout RequestBody) {
        guard let window = shape.window else { return }
        for (name, moment) in [(window.start, range.start), (window.end, range.end)] {
            switch window.format {
            case .epochMilliseconds:
                body.append(name, text: String(moment.epochMilliseconds), type: .int)
            case .localDateTime:
                var bytes: [UInt8] = []
                TimestampText.appendLocalDateTime(
                    sourceZone.localSeconds(of: moment), to: &bytes)
                body.append(name, text: String(decoding: bytes, as: UTF8.self), type: .text)
            }
        }
    }
}
