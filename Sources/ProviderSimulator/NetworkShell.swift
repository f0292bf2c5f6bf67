import CSocket
import Foundation

/// Carries requests and answers between one connection and the exchange, with the faults of the
/// transport; the only place that reads the clock.
///
/// Each connection has a thread of its own that blocks: at 10-row pages that costs a fraction of the
/// CPU of event loops that hand requests to each other, and a load generator must cost little.
struct NetworkShell {
    private enum Outcome {
        case answered
        case ended
        case reset
    }

    private static let chunkByteCount = 64 << 10

    /// For the waits.
    let options: SimulatorOptions
    /// Makes the answers.
    let exchange: SimulatedExchange
    /// The open connection.
    let descriptor: Int32

    /// Answers requests until the connection ends or is to end; the caller closes it.
    ///
    /// - Returns: whether the client is to see a reset.
    func serve() -> Bool {
        var reader = RequestReader()
        var chunk = [UInt8](repeating: 0, count: Self.chunkByteCount)
        while true {
            switch reader.next() {
            case .incomplete:
                let count = csocket_receive(descriptor, &chunk, chunk.count)
                guard count > 0 else { return false }
                reader.append(chunk[..<count])
            case .refused(let status):
                _ = send(bytes(of: .html(status: status, "Refused"), nowMilliseconds: Self.now))
                return false
            case .request(let request, let keepsAlive):
                let outcome = respond(request)
                if outcome != .answered || !keepsAlive { return outcome == .reset }
            }
        }
    }

    private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1_000) }

    private func respond(_ request: WireRequest) -> Outcome {
        let now = Self.now
        let wire = exchange.answer(request, nowMilliseconds: now)
        guard pause(options.latencyMilliseconds) else { return .ended }
        if wire.faults.has(.hang), !pause(options.hangMilliseconds) { return .ended }
        if wire.faults.has(.reset) { return .reset }
        let whole = bytes(of: wire.answer, nowMilliseconds: now)
        let bodyStart = whole.count - wire.answer.body.count
        if request.method == "HEAD" { return send(whole[..<bodyStart]) ? .answered : .ended }
        if wire.faults.has(.cutBody) {
            _ = send(whole[..<(bodyStart + wire.answer.body.count / 2)])
            return .ended
        }
        guard wire.faults.has(.slowBody) else { return send(whole) ? .answered : .ended }
        return sendSlowly(whole, bodyStart: bodyStart) ? .answered : .ended
    }

    private func sendSlowly(_ whole: [UInt8], bodyStart: Int) -> Bool {
        let pieces = 4
        var sent = 0
        for piece in 1...pieces {
            let end = bodyStart + (whole.count - bodyStart) * piece / pieces
            guard pause(options.slowBodyMilliseconds / pieces), send(whole[sent..<end]) else {
                return false
            }
            sent = end
        }
        return true
    }

    private func send(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.withContiguousStorageIfAvailable {
            csocket_send(descriptor, $0.baseAddress, $0.count) == 0
        } ?? false
    }

    /// False if the connection ended before the time had passed.
    private func pause(_ milliseconds: Int) -> Bool {
        milliseconds <= 0 || csocket_pause(descriptor, Int32(clamping: milliseconds)) == 1
    }

    /// Head and body of an answer.
    private func bytes(of answer: SimulatedResponse, nowMilliseconds: Int64) -> [UInt8] {
        var head =
            "HTTP/1.1 \(answer.status) \(Self.reasons[answer.status] ?? "Status")\r\n"
            + "content-type: \(answer.contentType)\r\ncontent-length: \(answer.body.count)\r\n"
        if let retryAfter = answer.retryAfter {
            let text = retryAfter == "date" ? Self.date(nowMilliseconds / 1_000) : retryAfter
            head += "retry-after: \(text)\r\n"
        }
        for (name, value) in answer.headers { head += "\(name): \(value)\r\n" }
        head += "\r\n"
        return Array(head.utf8) + answer.body
    }

    private static let reasons = [
        200: "OK", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
        410: "Gone", 411: "Length Required", 413: "Content Too Large", 429: "Too Many Requests",
        431: "Request Header Fields Too Large", 503: "Service Unavailable",
    ]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, RFC 9110, section 5.6.7.
    static func date(_ epochSeconds: Int64) -> String {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let text = CommoTime.text(ofEpochMilliseconds: epochSeconds * 1_000, offsetSeconds: 0)
        let parts = text.split(whereSeparator: { $0 == "-" || $0 == " " })
        let day = days[Int(epochSeconds / 86_400 % 7)]
        let month = months[(Int(parts[1]) ?? 1) - 1]
        return "\(day), \(parts[2]) \(month) \(parts[0]) \(parts[3]) GMT"
    }
}
