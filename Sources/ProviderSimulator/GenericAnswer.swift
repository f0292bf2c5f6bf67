import ExportModel
import Foundation

/// The answer of an entry to a request for a page: envelope, headers, body format and compression.
struct GenericAnswer {
    let provider: GenericProvider
    let page: AnsweredPage
    let query: RecordQuery

    private var endpoint: Endpoint { provider.endpoint }

    func response() -> SimulatedResponse {
        var answer: SimulatedResponse
        switch endpoint.response.body {
        case .json:
            let body = envelope()
            answer = .json { body.write(to: &$0) }
        case .ndjson:
            answer = SimulatedResponse(
                contentType: "application/x-ndjson",
                body: Array(page.rows.map { $0 + [0x0A] }.joined()))
        case .csv:
            let header = GenericRecord(endpoint: endpoint).header
            answer = SimulatedResponse(
                contentType: "text/csv", body: Array(([header] + page.rows).joined()))
        }
        if case .header(let name) = endpoint.response.total, let total = page.total {
            answer.headers.append((name, String(total)))
        }
        if case .link(let relation) = endpoint.request.paging?.step, let link = nextLink() {
            let first = "<\(link.prefix { $0 != "?" })>; rel=\"first, second\""
            answer.headers.append(("Link", first + ", <\(link)>; rel=\"\(relation)\""))
        }
        compress(&answer)
        return answer
    }

    /// Half of the entries compress for who takes it, and some of those without an envelope send a
    /// file that is compressed whatever was asked.
    private func compress(_ answer: inout SimulatedResponse) {
        let isFile = endpoint.response.body != .json && provider.choice("file", of: 3) == 0
        let isTaken = query.request?.headers["accept-encoding"]?.contains("gzip") ?? false
        guard isFile || isTaken && provider.choice("gzip", of: 2) == 0,
            let packed = GzipBody.compressed(answer.body)
        else { return }
        answer.body = packed
        if isFile {
            answer.contentType = "application/gzip"
        } else {
            answer.headers.append(("Content-Encoding", "gzip"))
        }
    }

    private func envelope() -> JSONNode {
        let response = endpoint.response
        var body = JSONNode.empty
        // Of several places for rows, one entry uses one.
        let rows = response.rows[Int(provider.choice("rows", of: UInt64(response.rows.count)))]
        if rows.steps.isEmpty { return .rows(page.rows) }
        body.succeed(response.rules)
        switch response.total {
        case .path(let path):
            if let total = page.total { body.set(path, .raw(String(total))) }
        case .pageCount(let path):
            if let total = page.total {
                let size = max(Int(clamping: query.size), 1)
                body.set(path, .raw(String((total + size - 1) / size)))
            }
        case .header, .absent: break
        }
        for echo in response.echoes {
            if let value = echoed(echo.parameter) { body.set(echo.path, .literal(value)) }
        }
        setContinuation(in: &body)
        body.set(rows, .rows(page.rows))
        return body
    }

    /// What the provider made of a parameter.
    private func echoed(_ name: String) -> String? {
        if name == endpoint.request.paging?.sizeParameter { return String(query.size) }
        guard let request = query.request else { return nil }
        return provider.parameters(request)?.text(name)
    }

    private func setContinuation(in body: inout JSONNode) {
        guard let paging = endpoint.request.paging else { return }
        var isMarked = false
        if let end = paging.end {
            let last = end.accepted.first ?? ""
            let other = last == "false" ? "true" : last == "true" ? "false" : "TRUNCATED"
            body.set(end.path, .literal(page.next == .none ? last : other))
            isMarked = provider.choice("marked", of: 2) == 0
        }
        switch paging.step {
        case .page, .offset, .link: break
        case .next(let path):
            body.set(path, nextLink().map { .text($0) } ?? .raw("null"))
        case .cursor(let cursors):
            guard let text = nextToken() ?? (isMarked ? endToken() : nil) else {
                // The last page has no cursor, or one that says nothing.
                for cursor in cursors {
                    switch provider.choice("no cursor", of: 3) {
                    case 0: body.set(cursor.path, .raw("null"))
                    case 1: body.set(cursor.path, .text(""))
                    default: break
                    }
                }
                return
            }
            let step = max(text.count / cursors.count, 1)
            for (index, cursor) in cursors.enumerated() {
                let part = text.dropFirst(index * step)
                let isLast = index == cursors.count - 1
                body.set(cursor.path, .text(String(isLast ? part : part.prefix(step))))
            }
        }
    }

    /// Of the page that the answer says comes next; nil if it says that none does.
    private func nextToken() -> String? {
        switch page.next {
        case .none: nil
        case .same: query.token(page: query.page, page: page.page)
        case .following: query.token(page: query.page + 1, page: page.page)
        }
    }

    /// A cursor beyond the last page.
    private func endToken() -> String? { query.token(page: query.page + 1, page: page.page) }

    /// Absolute, from the root or the query alone, as the entry's id has it.
    private func nextLink() -> String? {
        guard let request = query.request, let token = nextToken() else { return nil }
        var pairs: [String] = []
        // Many providers leave the secret out of the links that they give.
        let secret: String? =
            if case .query(let name, _) = endpoint.request.auth { name } else { nil }
        if provider.choice("link", of: 2) == 0 {
            pairs = request.query.split(separator: "&").map(String.init).filter { pair in
                let name = pair.prefix { $0 != "=" }
                return name != secret ?? "" && name != GenericProvider.linkParameter
            }
        }
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        let escaped = token.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        pairs.append("\(GenericProvider.linkParameter)=\(escaped)")
        let query = "?" + pairs.joined(separator: "&")
        switch provider.choice("relative", of: 3) {
        case 0: return "http://\(request.headers["host"] ?? "127.0.0.1")\(request.path)" + query
        case 1: return request.path + query
        default: return query
        }
    }
}
