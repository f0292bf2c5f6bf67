import Foundation
import Synchronization

/// A server that says on its sockets exactly what a test scripts, right or wrong.
///
/// Listens on loopback until it is released; every connection gets a thread.
public final class RawServer: Sendable {
    /// What the script of a connection talks to.
    public final class Connection: Sendable {
        /// From 0, in the order they were accepted.
        public let index: Int
        private let socket: Int32
        private let server: RawServer

        fileprivate init(_ socket: Int32, index: Int, server: RawServer) {
            self.socket = socket
            self.index = index
            self.server = server
        }

        /// The next whole request; nil once the client has closed.
        public func request() -> Request? {
            var head: [UInt8] = []
            while !head.ends(with: "\r\n\r\n".utf8) {
                guard let byte = read(1).first else { return nil }
                head.append(byte)
            }
            let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
            var request = Request(line: String(lines.first ?? ""), headers: [:], body: [])
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                let value = line[line.index(after: colon)...].trimmingPrefix(" ")
                request.headers[line[..<colon].lowercased()] = String(value)
            }
            let count = request.headers["content-length"].flatMap { Int($0) } ?? 0
            while request.body.count < count {
                let more = read(count - request.body.count)
                if more.isEmpty { return nil }
                request.body += more
            }
            server.note(request)
            return request
        }

        /// Writes as they are.
        public func write(_ bytes: [UInt8]) {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes {
                    send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count <= 0 { return }
                rest = rest.dropFirst(count)
            }
        }

        /// Writes as it is.
        public func write(_ text: String) {
            write(Array(text.utf8))
        }

        /// A plain 200 with its length.
        public func answer(_ body: String, headers: String = "", status: String = "200 OK") {
            write(
                "HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }

        /// Says nothing until the client hangs up.
        public func waitForClose() {
            while !read(4_096).isEmpty {}
        }

        /// Writes, then waits for the client to hang up, at most so long; false once it has.
        public func trickle(_ text: String, milliseconds: Int32 = 0) -> Bool {
            write(text)
            var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            return poll(&descriptor, 1, milliseconds) == 0
        }

        /// Closes the writing half: the client sees the end.
        public func endWriting() {
            shutdown(socket, Int32(SHUT_WR))
        }

        /// Makes the end of the script a reset instead of an orderly close.
        public func reset() {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                socket, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }

        private func read(_ most: Int) -> [UInt8] {
            [UInt8](unsafeUninitializedCapacity: most) { buffer, count in
                count = max(recv(socket, buffer.baseAddress, most, 0), 0)
            }
        }
    }

    /// A request as it came.
    public struct Request: Sendable {
        public var line: String
        /// Names in lower case.
        public var headers: [String: String]
        public var body: [UInt8]
    }

    /// On loopback.
    public let port: UInt16
    private let listener: Int32
    private let state = Mutex<(requests: [Request], connectionCount: Int)>(([], 0))

    /// - Parameter script: called for every connection, on a thread of its own; the connection is
    ///   closed when it returns.
    public init(
        isIPv6: Bool = false, backlog: Int32 = 64, script: (@Sendable (Connection) -> Void)?
    ) throws {
        (listener, port) = try Self.listen(isIPv6: isIPv6, backlog: backlog)
        guard let script else { return }
        let listener = listener
        // The thread holds the server weakly, so that the test's end ends it.
        Thread.detachNewThread { [weak self] in
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0, let server = self else { return }
                let connection = Connection(socket, index: server.nextIndex(), server: server)
                Thread.detachNewThread {
                    script(connection)
                    close(socket)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    /// Of any path.
    public var url: String { "http://127.0.0.1:\(port)/cdr" }
    /// Whole ones, in the order they came.
    public var requests: [Request] { state.withLock { $0.requests } }
    /// Connections that were accepted.
    public var connectionCount: Int { state.withLock { $0.connectionCount } }

    private func note(_ request: Request) {
        state.withLock { $0.requests.append(request) }
    }

    private func nextIndex() -> Int {
        state.withLock { state in
            state.connectionCount += 1
            return state.connectionCount - 1
        }
    }

    private static func listen(isIPv6: Bool, backlog: Int32) throws -> (Int32, UInt16) {
        let family = isIPv6 ? AF_INET6 : AF_INET
        let listener = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        var four = sockaddr_in()
        four.sin_family = sa_family_t(AF_INET)
        four.sin_addr.s_addr = inet_addr("127.0.0.1")
        var six = sockaddr_in6()
        six.sin6_family = sa_family_t(AF_INET6)
        six.sin6_addr = in6addr_loopback
        let isBound =
            isIPv6
            ? withAddress(of: &six) { bind(listener, $0, $1) }
            : withAddress(of: &four) { bind(listener, $0, $1) }
        guard isBound == 0, Foundation.listen(listener, backlog) == 0 else {
            throw POSIXError(.init(rawValue: errno) ?? .EIO)
        }
        // The port stands at the same place in both kinds of address.
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        _ = withUnsafeMutablePointer(to: &six) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(listener, $0, &length)
            }
        }
        return (listener, UInt16(bigEndian: six.sin6_port))
    }

    private static func withAddress<Address>(
        of address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
}

extension [UInt8] {
    fileprivate func ends(with suffix: String.UTF8View) -> Bool {
        self.suffix(suffix.count).elementsEqual(suffix)
    }
}
