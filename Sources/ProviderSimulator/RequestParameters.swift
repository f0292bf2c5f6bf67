import ExportModel
import Foundation

/// Every parameter of a request by the place where it stands: a parameter in another place than the
/// entry says is not there.
struct RequestParameters: Sendable {
    private let path: [String: String]
    private let query: [String: String]
    private let headers: [String: String]
    private let body: [String: String]
    private let shape: RequestShape
    /// Whether there is a body, of whatever kind.
    let hasBody: Bool

    /// nil if the request is none of the shape: another method or path, or a body that cannot be
    /// read.
    ///
    /// - Parameter prefix: what comes before the shape's path.
    init?(_ request: WireRequest, shape: RequestShape, prefix: String) {
        guard request.method == shape.method.rawValue, request.path.hasPrefix(prefix),
            let path = PathPattern(shape.path).values(
                in: String(request.path.dropFirst(prefix.count)))
        else { return nil }
        hasBody = !request.body.isEmpty
        if hasBody {
            let form = RequestForm(body: request.body, contentType: request.contentType)
            guard let form else { return nil }
            body = form.values
        } else {
            body = [:]
        }
        self.shape = shape
        self.path = path
        query = RequestForm(query: request.query).values
        headers = request.headers
    }

    /// The value of a parameter that goes to `place` unless the path names it; nil without it.
    func text(_ name: String, in place: ParameterPlace? = nil) -> String? {
        if let value = path[name] { return value }
        switch place ?? shape.defaultPlace {
        case .query: return query[name]
        case .header: return headers[name.lowercased()]
        case .body: return body[name]
        }
    }

    /// A parameter of the query, whatever the shape says of it.
    func queried(_ name: String) -> String? { query[name] }

    /// `fallback` if the parameter is missing; nil if it is no integer.
    func int(_ name: String, or fallback: Int64) -> Int64? {
        text(name).map { Int64($0) } ?? fallback
    }

    /// The credential called `name`, from the one place where it has to be.
    func credential(_ field: CredentialField) -> String? {
        guard let auth = shape.auth, auth.credentials.contains(field.name) else {
            return text(field.name, in: field.place)
        }
        switch auth {
        case .basic(let user, _):
            guard let pair = basicPair else { return nil }
            return field.name == user ? pair.user : pair.password
        case .bearer: return rest(of: headers["authorization"], after: "Bearer ")
        case .header(let name, _, let prefix):
            return rest(of: headers[name.lowercased()], after: prefix)
        case .query(let name, _): return query[name]
        }
    }

    /// Whether everything stands there that the shape says of every request.
    var hasFixed: Bool {
        shape.fixed.allSatisfy { text($0.name, in: $0.place) == $0.value.text }
    }

    private func rest(of value: String?, after prefix: String) -> String? {
        guard let value, value.hasPrefix(prefix) else { return nil }
        return String(value.dropFirst(prefix.count))
    }

    /// RFC 7617: user and password around the first colon.
    private var basicPair: (user: String, password: String)? {
        guard let coded = rest(of: headers["authorization"], after: "Basic "),
            let data = Data(base64Encoded: coded)
        else { return nil }
        let text = String(decoding: data, as: UTF8.self)
        guard let colon = text.firstIndex(of: ":") else { return nil }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }
}

/// A path with names in braces, matched against the path of a request.
struct PathPattern: Sendable {
    /// Texts around the names: one more than there are names.
    private let texts: [String]
    private let names: [String]

    init(_ template: String) {
        var texts: [String] = []
        var names: [String] = []
        for piece in template.components(separatedBy: "{") {
            let halves = piece.components(separatedBy: "}")
            if halves.count == 2 { names.append(halves[0]) }
            texts.append(halves.last ?? "")
        }
        self.texts = texts
        self.names = names
    }

    /// The decoded values by name; nil if the path is another one. A value holds no `/`, and is not
    /// empty.
    func values(in path: String) -> [String: String]? {
        guard path.hasPrefix(texts[0]) else { return nil }
        var rest = path.dropFirst(texts[0].count)
        var found: [String: String] = [:]
        for (name, after) in zip(names, texts.dropFirst()) {
            let end =
                after.isEmpty
                ? rest.firstIndex(of: "/") ?? rest.endIndex
                : rest.range(of: after)?.lowerBound
            guard let end, end > rest.startIndex, !rest[..<end].contains("/"),
                let value = rest[..<end].removingPercentEncoding
            else { return nil }
            found[name] = value
            rest = rest[end...].dropFirst(after.count)
        }
        return rest.isEmpty ? found : nil
    }
}
