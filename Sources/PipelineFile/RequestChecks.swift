import ExportModel

/// What must hold between the parts of one request; mistakes are reported where they stand.
struct RequestChecks {
    let shape: RequestShape
    let request: MappingReader

    /// Headers that the transport writes by itself.
    private static let ownHeaders = [
        "host", "content-length", "content-type", "transfer-encoding", "connection", "expect",
        "accept-encoding",
    ]

    func run() {
        checkAuth()
        checkPath()
        checkPlaces()
        checkHeaders()
        checkQuery()
        checkNesting()
    }

    /// A parameter that is sent under its own name, unless the path takes it.
    private struct Sent {
        /// Key of the mapping it stands in.
        var key: String
        var name: String
        /// As stated.
        var place: ParameterPlace?
    }

    private var pathNames: [String] { PathTemplate(shape.path)?.names ?? [] }

    private var stated: [Sent] {
        shape.fixed.map { Sent(key: "fixed", name: $0.name, place: $0.place) }
            + shape.credentials.map { Sent(key: "credentials", name: $0.name, place: $0.place) }
            + shape.optional.map { Sent(key: "optional", name: $0.name, place: $0.place) }
            + [shape.requestID].compactMap { $0 }.map {
                Sent(key: "request_id", name: $0.name, place: $0.place)
            }
    }

    private var unplaced: [Sent] {
        (shape.window?.parameterNames ?? []).map { Sent(key: "window", name: $0) }
            + (shape.paging?.parameters ?? []).map { Sent(key: "paging", name: $0) }
    }

    /// Everything that is sent at a place other than the path.
    private func sent(in place: ParameterPlace) -> [Sent] {
        let inAuth = shape.auth?.credentials ?? []
        return (stated + unplaced).filter {
            ($0.place ?? shape.defaultPlace) == place && !pathNames.contains($0.name)
                && !($0.key == "credentials" && inAuth.contains($0.name))
        }
    }

    private func fail(_ key: String, _ message: String) {
        (request.value(key) ?? request.item).fail(message)
    }

    private func checkAuth() {
        let names = shape.credentials.map(\.name)
        for name in shape.auth?.credentials ?? [] where !names.contains(name) {
            fail(
                "auth",
                "`auth` names `\(name)`, which is not among `credentials`"
                    + NearestName.suggestion(for: name, among: names))
        }
    }

    private func checkPath() {
        let known = (stated + unplaced).map(\.name)
        for name in pathNames where !known.contains(name) {
            fail(
                "path",
                "`path` names `\(name)`, which is no parameter of the request"
                    + NearestName.suggestion(for: name, among: known))
        }
        for option in shape.optional
        where pathNames.contains(option.name) && option.defaultValue == nil {
            fail("optional", "`\(option.name)` is a part of `path`, so that it needs a `default`")
        }
        for value in shape.fixed where pathNames.contains(value.name) {
            if let mistake = PathTemplate.mistake(in: value.value.text) {
                fail("fixed", "`\(value.name)` \(mistake)")
            }
        }
    }

    private func checkPlaces() {
        let inAuth = shape.auth?.credentials ?? []
        for parameter in stated {
            guard let place = parameter.place else { continue }
            if pathNames.contains(parameter.name) {
                fail(parameter.key, "`\(parameter.name)` is a part of `path`; remove its `in`")
            } else if parameter.key == "credentials", inAuth.contains(parameter.name) {
                fail(parameter.key, "`\(parameter.name)` is sent by `auth`; remove its `in`")
            } else if place == .body, shape.method == .get {
                fail(
                    parameter.key,
                    "`\(parameter.name)` cannot be `in: body`, since a GET has none")
            }
        }
    }

    private func checkHeaders() {
        var names = sent(in: .header).map { ($0.key, $0.name) }
        switch shape.auth {
        case .header(let name, _, _): names.append(("auth", name))
        case .basic, .bearer: names.append(("auth", "Authorization"))
        case .query, nil: break
        }
        var seen: Set<String> = []
        for (key, name) in names {
            let isToken =
                !name.isEmpty
                && name.utf8.allSatisfy {
                    NameRule.isWordByte($0) || "!#$%&'*+-.^`|~".utf8.contains($0)
                }
            if !isToken {
                fail(key, "`\(name)` cannot be the name of a header (letters, digits and `-`)")
            } else if Self.ownHeaders.contains(name.lowercased()) {
                fail(key, "the header `\(name)` is written by cdrx itself")
            } else if !seen.insert(name.lowercased()).inserted {
                fail(key, "the header `\(name)` is named twice")
            }
        }
    }

    private func checkQuery() {
        guard case .query(let name, _) = shape.auth,
            sent(in: .query).contains(where: { $0.name == name })
        else { return }
        fail("auth", "the query parameter `\(name)` is named twice")
    }

    /// `a` cannot be a value and, by `a.b`, an object too.
    private func checkNesting() {
        guard shape.method == .post, shape.encoding == .json else { return }
        let names = sent(in: .body)
        for outer in names {
            let hidden = names.first { $0.name.hasPrefix(outer.name + ".") }
            if let hidden {
                fail(
                    outer.key,
                    "`\(outer.name)` cannot be a value, since `\(hidden.name)` nests in it")
            }
        }
        for parameter in names
        where parameter.name.split(separator: ".", omittingEmptySubsequences: false)
            .contains(where: \.isEmpty)
        {
            fail(
                parameter.key,
                "`\(parameter.name)` must be names joined by single dots, since a dot nests")
        }
    }
}
