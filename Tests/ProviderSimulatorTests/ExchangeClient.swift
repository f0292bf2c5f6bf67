import Foundation
import Testing

@testable import ProviderSimulator

/// Asks an exchange without a network, at a fixed moment.
struct ExchangeClient {
    /// 2026-03-01T12:00:00Z
    static let now: Int64 = 1_772_366_400_000

    let exchange: SimulatedExchange

    init(_ options: SimulatorOptions = SimulatorOptions()) {
        exchange = SimulatedExchange(options: options)
    }

    func post(_ path: String, _ parameters: [String: Any]) throws -> Reply {
        let body = try JSONSerialization.data(withJSONObject: parameters)
        return reply(wire("POST", path, contentType: "application/json", body: Array(body)))
    }

    /// A Commo request; the parameters stand over a query for everything.
    func commo(_ parameters: [String: String]) -> Reply {
        let all = [
            "service": "App.Sip_Cdr.GetBill", "token": "abc", "syncflag": "3", "direction": "3",
            "callmethod": "0", "starttime": "2026-01-01 08:00:00", "endtime": "2026-01-02 07:59:59",
            "itemsperpage": "1000",
        ].merging(parameters) { $1 }
        let pairs = all.map { name, value in
            "\(name)=" + value.replacing(" ", with: "+").replacing(":", with: "%3A")
        }
        let body = Array(pairs.joined(separator: "&").utf8)
        return reply(
            wire("POST", "/commo", contentType: "application/x-www-form-urlencoded", body: body))
    }

    func get(_ path: String, query: String = "") -> Reply {
        var request = wire("GET", path, contentType: "", body: [])
        request.query = query
        return reply(request)
    }

    /// Every record of the window as the simulator knows it.
    func truth(
        _ endpoint: String, _ account: String, from: Int64 = newYear, to: Int64 = newYear + day
    ) throws -> [[String: Any]] {
        let reply = get(
            "/_truth", query: "endpoint=\(endpoint)&account=\(account)&from=\(from)&to=\(to)")
        return try reply.list()
    }

    /// Rows of all pages of `[from, to]`, page by page, until a page has none.
    func walk(_ path: String, _ parameters: [String: Any]) throws -> [[String: Any]] {
        var found: [[String: Any]] = []
        for page in 1...10_000 {
            let rows = try post(path, parameters.merging(["page": page]) { $1 }).rows()
            if rows.isEmpty { return found }
            found += rows
        }
        return found
    }

    private func wire(
        _ method: String, _ path: String, contentType: String, body: [UInt8]
    ) -> WireRequest {
        WireRequest(method: method, path: path, query: "", contentType: contentType, body: body)
    }

    private func reply(_ request: WireRequest) -> Reply {
        let answer = exchange.answer(request, nowMilliseconds: Self.now).answer
        return Reply(status: answer.status, headers: [:], body: Data(answer.body))
    }
}

extension [[String: Any]] {
    func texts(_ name: String) -> [String] {
        compactMap { $0[name] as? String }
    }

    func ints(_ name: String) -> [Int] {
        compactMap { $0[name] as? Int }
    }
}
