/// Cuts the requests of one connection out of its bytes: HTTP/1.1 (RFC 9112), bodies with a
/// `Content-Length` only.
struct RequestReader {
    /// What the bytes so far hold.
    enum Step {
        /// More bytes are needed.
        case incomplete
        /// A whole request.
        case request(WireRequest, keepsAlive: Bool)
        /// No request that can be answered; the HTTP status says why.
        case refused(status: Int)
    }

    private static let headLimit = 64 << 10
    private static let bodyLimit = 1 << 20

    /// Bytes that belong to no request yet.
    private var bytes: [UInt8] = []

    /// Takes bytes as they came.
    mutating func append(_ more: some Collection<UInt8>) {
        bytes.append(contentsOf: more)
    }

    /// Takes the next request from the front, if it is whole.
    mutating func next() -> Step {
        guard let headEnd = endOfHead() else {
            return bytes.count > Self.headLimit ? .refused(status: 431) : .incomplete
        }
        guard let head = RequestHead(bytes[..<headEnd]) else { return .refused(status: 400) }
        if head.isChunked { return .refused(status: 411) }
        guard head.bodyByteCount <= Self.bodyLimit else { return .refused(status: 413) }
        let end = headEnd + head.bodyByteCount
        guard bytes.count >= end else { return .incomplete }
        let request = WireRequest(
            method: head.method, path: head.path, query: head.query,
            contentType: head.contentType, headers: head.fields,
            body: Array(bytes[headEnd..<end]))
        bytes.removeSubrange(..<end)
        return .request(request, keepsAlive: head.keepsAlive)
    }

    /// Index after the empty line, if it is there.
    private func endOfHead() -> Int? {
        var start = 0
        while let feed = bytes[start...].firstIndex(of: RequestHead.lineFeed) {
            if bytes[..<feed].suffix(3).elementsEqual([0x0D, 0x0A, 0x0D]) { return feed + 1 }
            start = feed + 1
        }
        return nil
    }
}

/// The request line and the header fields.
private struct RequestHead {
    static let lineFeed: UInt8 = 0x0A

    private(set) var method = ""
    private(set) var path = ""
    private(set) var query = ""
    private(set) var contentType = "application/json"
    /// By their names in lower case.
    private(set) var fields: [String: String] = [:]
    private(set) var bodyByteCount = 0
    private(set) var isChunked = false
    private(set) var keepsAlive = true

    /// nil if the bytes are no head of HTTP/1.
    init?(_ bytes: ArraySlice<UInt8>) {
        let lines = bytes.split(separator: Self.lineFeed).map { $0.dropLast() }
        let words = lines.first?.split(separator: UInt8(ascii: " ")) ?? []
        guard words.count == 3, words[2].starts(with: "HTTP/1.".utf8) else { return nil }
        method = String(decoding: words[0], as: UTF8.self)
        keepsAlive = words[2].last != UInt8(ascii: "0")
        readTarget(String(decoding: words[1], as: UTF8.self))
        for line in lines.dropFirst() where !line.isEmpty {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")),
                read(
                    String(decoding: line[..<colon], as: UTF8.self).lowercased(),
                    String(decoding: line[(colon + 1)...].drop { $0 == 0x20 }, as: UTF8.self))
            else { return nil }
        }
    }

    /// `/path?query`, or the same after `http://host` as it is sent to a proxy.
    private mutating func readTarget(_ text: String) {
        var target = text[...]
        if target.hasPrefix("http://") { target = target.dropFirst(7).drop { $0 != "/" } }
        let mark = target.firstIndex(of: "?") ?? target.endIndex
        path = mark == target.startIndex ? "/" : String(target[..<mark])
        query = String(target[mark...].dropFirst())
    }

    /// False if the field cannot have this value.
    private mutating func read(_ name: String, _ value: String) -> Bool {
        fields[name] = value
        switch name {
        case "content-type": contentType = value
        case "transfer-encoding": isChunked = true
        case "connection":
            let wish = value.lowercased()
            keepsAlive = wish == "keep-alive" || (keepsAlive && wish != "close")
        case "content-length":
            guard let count = Int(value), count >= 0 else { return false }
            bodyByteCount = count
        default: break
        }
        return true
    }
}
