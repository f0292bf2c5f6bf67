import Foundation
import ProviderSimulator
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What came back over the wire.
struct Reply {
    var status: Int
    var headers: [String: String]
    var body: Data

    /// The body as an object; fails the test if it is none.
    func object() throws -> [String: Any] {
        let parsed = try JSONSerialization.jsonObject(with: body)
        return try #require(parsed as? [String: Any])
    }

    /// The body as a list of objects.
    func list() throws -> [[String: Any]] {
        let parsed = try JSONSerialization.jsonObject(with: body)
        return try #require(parsed as? [[String: Any]])
    }

    /// The list under `name`.
    func rows(_ name: String = "cdr") throws -> [[String: Any]] {
        try #require(object()[name] as? [[String: Any]])
    }

    /// Commo's `data.result`.
    func result() throws -> [String: Any] {
        let data = try #require(object()["data"] as? [String: Any])
        return try #require(data["result"] as? [String: Any])
    }

    func int(_ name: String) throws -> Int {
        try #require(object()[name] as? Int)
    }
}

/// Talks to one running simulator as any HTTP client would.
struct SimulatorClient: Sendable {
    let port: Int
    let session: URLSession

    func get(_ path: String) async throws -> Reply {
        try await send(URLRequest(url: url(path)))
    }

    func post(_ path: String, _ json: String) async throws -> Reply {
        try await post(path, Data(json.utf8), "application/json")
    }

    func post(_ path: String, form: String) async throws -> Reply {
        try await post(path, Data(form.utf8), "application/x-www-form-urlencoded")
    }

    func post(_ path: String, _ body: Data, _ contentType: String) async throws -> Reply {
        var request = URLRequest(url: try url(path))
        request.httpMethod = "POST"
        request.httpBody = body
        request.setValue(contentType, forHTTPHeaderField: "Content-Type")
        return try await send(request)
    }

    /// Every record of the window as the simulator knows it.
    func truth(_ endpoint: String, _ account: String, _ from: Int64, _ to: Int64) async throws
        -> [[String: Any]]
    {
        let reply = try await get(
            "/_truth?endpoint=\(endpoint)&account=\(account)&from=\(from)&to=\(to)")
        return try reply.list()
    }

    private func url(_ path: String) throws -> URL {
        try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
    }

    private func send(_ request: URLRequest) async throws -> Reply {
        let (body, response) = try await session.data(for: request)
        let http = try #require(response as? HTTPURLResponse)
        var headers: [String: String] = [:]
        for (name, value) in http.allHeaderFields {
            headers["\(name)".lowercased()] = "\(value)"
        }
        return Reply(status: http.statusCode, headers: headers, body: body)
    }
}

/// Runs a simulator on a free port for as long as `body` takes.
func withSimulator(
    _ options: SimulatorOptions = SimulatorOptions(),
    _ body: @escaping @Sendable (SimulatorClient) async throws -> Void
) async throws {
    let (ports, continuation) = AsyncStream<Int>.makeStream()
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            try await Simulator(options: options).run { continuation.yield($0) }
            continuation.finish()
        }
        group.addTask {
            for await port in ports {
                let configuration = URLSessionConfiguration.ephemeral
                configuration.timeoutIntervalForRequest = 20
                let session = URLSession(configuration: configuration)
                defer { session.invalidateAndCancel() }
                try await body(SimulatorClient(port: port, session: session))
                return
            }
        }
        try await group.next()
        group.cancelAll()
        try await group.waitForAll()
    }
}

/// 2026-01-01T00:00:00Z
let newYear: Int64 = 1_767_225_600_000
let day: Int64 = 86_400_000
