import ExportModel
import Foundation

/// A request in the making: puts every parameter where the endpoint's document wants it.
struct RequestWriter {
    private let shape: RequestShape
    private let baseURL: String
    private let template: PathTemplate
    private var pathValues: [String: String] = [:]
    private var query = ""
    private var headers: [RequestHeader] = []
    private var body: RequestBody
    /// Asked for in place of path and query: the provider wrote it. Headers and body stay.
    var link: String?
    /// The first parameter that cannot be sent.
    private var mistake: (name: String, words: String)?

    /// - Precondition: the shape's path is a template.
    init(_ shape: RequestShape, baseURL: String) {
        guard let template = PathTemplate(shape.path) else {
            preconditionFailure("readers refuse a path that is no template")
        }
        self.shape = shape
        self.baseURL = baseURL
        self.template = template
        body = RequestBody(encoding: shape.encoding)
    }

    /// Adds a parameter under its own type.
    mutating func append(_ value: NamedValue) {
        let name = value.name
        switch value.value {
        case .int(let number):
            append(name, text: String(number), as: .number, in: value.place)
        case .text(let text): append(name, text: text, as: .text, in: value.place)
        case .bool(let isTrue): append(name, text: String(isTrue), as: .number, in: value.place)
        }
    }

    /// Adds a parameter to the path, where that names it, or else to `place`.
    mutating func append(
        _ name: String, text: String, as form: RequestBody.ValueForm, in place: ParameterPlace?
    ) {
        if template.names.contains(name) {
            if let words = PathTemplate.mistake(in: text) { note(words, of: name) }
            pathValues[name] = text
            return
        }
        switch place ?? shape.defaultPlace {
        case .query: appendQuery(name, text)
        case .header: appendHeader(name, text, of: name)
        case .body: body.append(name, text: text, as: form)
        }
    }

    /// Adds the credentials: those that show who asks, and those that are parameters.
    mutating func append(_ credentials: [String: Secret]) {
        for field in shape.credentials {
            guard let secret = credentials[field.name] else { continue }
            if template.names.contains(field.name) || !shape.isInAuth(field) {
                append(
                    field.name, text: secret.revealed(), as: .init(field.type), in: field.place)
            }
        }
        guard let auth = shape.auth else { return }
        let values = auth.credentials.map { credentials[$0]?.revealed() ?? "" }
        switch auth {
        case .basic(let user, _):
            if values[0].contains(":") { note("must have no `:`", of: user) }
            let pair = Data(SentSecrets.basic(user: values[0], password: values[1]).utf8)
            appendHeader("Authorization", "Basic " + pair.base64EncodedString(), of: user)
        case .bearer(let token): appendHeader("Authorization", "Bearer " + values[0], of: token)
        case .header(let name, let value, let prefix):
            appendHeader(name, prefix + values[0], of: value)
        case .query(let name, _): appendQuery(name, values[0])
        }
    }

    /// The whole request.
    ///
    /// - Throws: `unsendable_value` where a parameter cannot be sent at its place.
    consuming func finished(
        timeoutMilliseconds: Int64, certificateFile: String?
    ) throws(ExtractionError) -> ProviderRequest {
        if let mistake {
            throw ExtractionError(
                .configuration, code: .unsendableValue,
                message: "the parameter `\(mistake.name)` \(mistake.words)")
        }
        var url = baseURL
        for part in template.parts {
            switch part {
            case .text(let text): url += text
            case .name(let name): url += PercentEncoding.encode(pathValues[name] ?? "")
            }
        }
        if !query.isEmpty { url += "?" + query }
        if let link { url = authorized(link) }
        let content: (contentType: String, bytes: [UInt8])? =
            shape.method == .post ? body.finished() : nil
        return ProviderRequest(
            method: shape.method, url: url, headers: headers, contentType: content?.contentType,
            body: content?.bytes, timeoutMilliseconds: timeoutMilliseconds,
            certificateFile: certificateFile)
    }

    /// A link with the credential of the query, which providers may leave out.
    private func authorized(_ link: String) -> String {
        guard case .query(let name, _) = shape.auth else { return link }
        let start = PercentEncoding.encode(name) + "="
        guard let own = query.split(separator: "&").first(where: { $0.hasPrefix(start) }),
            !link.split(whereSeparator: { "?&".contains($0) }).dropFirst()
                .contains(where: { $0.hasPrefix(start) })
        else { return link }
        return link + (link.contains("?") ? "&" : "?") + own
    }

    private mutating func appendQuery(_ name: String, _ text: String) {
        if !query.isEmpty { query += "&" }
        query += PercentEncoding.encode(name) + "=" + PercentEncoding.encode(text)
    }

    /// A line break would begin another header.
    private mutating func appendHeader(_ name: String, _ text: String, of parameter: String) {
        if text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) {
            note("must have no line breaks or control characters in a header", of: parameter)
        }
        headers.append(RequestHeader(name: name, value: text))
    }

    private mutating func note(_ words: String, of name: String) {
        if mistake == nil { mistake = (name, words) }
    }
}
