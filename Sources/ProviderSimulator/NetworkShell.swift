import Foundation
import Hummingbird
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A request's context that keeps the connection within reach, to break it.
struct SimulatorContext: RequestContext {
    /// Hummingbird's own part.
    var coreContext: CoreRequestContextStorage
    /// The connection.
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }
}

/// Carries requests and answers between Hummingbird and the exchange, with the faults of the
/// transport; the only place that reads the clock.
struct NetworkShell: Sendable {
    private struct ConnectionCut: Error {}

    private static let bodyLimit = 1 << 20

    /// For the waits.
    let options: SimulatorOptions
    /// Makes the answers.
    let exchange: SimulatedExchange

    /// Answers one request; throws where the connection is to break, or its task is cancelled.
    @Sendable func respond(_ request: Request, _ context: SimulatorContext) async throws -> Response
    {
        let body = try await request.body.collect(upTo: Self.bodyLimit)
        let wire = WireRequest(
            method: request.method.rawValue, path: request.uri.path,
            query: request.uri.query ?? "",
            contentType: request.headers[.contentType] ?? "application/json",
            body: Array(body.readableBytesView))
        let now = Int64(Date().timeIntervalSince1970 * 1_000)
        let answer = exchange.answer(wire, nowMilliseconds: now)
        if options.latencyMilliseconds > 0 {
            try await Task.sleep(for: .milliseconds(options.latencyMilliseconds))
        }
        if answer.faults.has(.hang) {
            try await Task.sleep(for: .milliseconds(options.hangMilliseconds))
        }
        if answer.faults.has(.reset) { try await reset(context.channel) }
        return response(answer, nowMilliseconds: now)
    }

    /// Closes the connection so that the client sees a reset, not an end.
    private func reset(_ channel: any Channel) async throws {
        if let options = channel as? any SocketOptionProvider {
            try await options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try await channel.close().get()
    }

    private func response(_ wire: WireAnswer, nowMilliseconds: Int64) -> Response {
        let answer = wire.answer
        var headers = HTTPFields()
        headers[.contentType] = answer.contentType
        if let retryAfter = answer.retryAfter {
            headers[.retryAfter] =
                retryAfter == "date" ? Self.date(nowMilliseconds / 1_000) : retryAfter
        }
        return Response(
            status: .init(code: answer.status), headers: headers,
            body: body(answer.body, faults: wire.faults))
    }

    private func body(_ bytes: [UInt8], faults: FaultPlan) -> ResponseBody {
        let whole = ByteBuffer(bytes: bytes)
        if faults.has(.cutBody) {
            return ResponseBody(contentLength: bytes.count) { writer in
                try await writer.write(ByteBuffer(bytes: bytes.prefix(bytes.count / 2)))
                throw ConnectionCut()
            }
        }
        guard faults.has(.slowBody) else { return ResponseBody(byteBuffer: whole) }
        let pieces = 4
        let pause = Duration.milliseconds(options.slowBodyMilliseconds / pieces)
        return ResponseBody(contentLength: bytes.count) { writer in
            for piece in 0..<pieces {
                try await Task.sleep(for: pause)
                let range = bytes.count * piece / pieces..<bytes.count * (piece + 1) / pieces
                try await writer.write(ByteBuffer(bytes: bytes[range]))
            }
            try await writer.finish(nil)
        }
    }

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
