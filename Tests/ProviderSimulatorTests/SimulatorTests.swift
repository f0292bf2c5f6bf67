import Foundation
import ProviderSimulator
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What only the network can show.
@Suite struct SimulatorTests {
    private static let query =
        "{\"token\":\"abc\",\"from\":\(newYear),\"to\":\(newYear + day),\"page\":1}"

    private func options(_ faults: [SimulatorFault: Double] = [:]) -> SimulatorOptions {
        var options = SimulatorOptions()
        options.faults = faults
        return options
    }

    @Test func answersOverHTTP() async throws {
        try await withSimulator { client in
            let reply = try await client.post("/v2/user/out_missed", Self.query)
            #expect(reply.status == 200)
            #expect(reply.headers["content-type"] == "application/json; charset=utf-8")
            #expect(try reply.rows().count == 10)
            let truth = try await client.truth(
                "telecmi.v2.user.out_missed", "abc", newYear, newYear + day + 1)
            #expect(try reply.int("count") == truth.count)
        }
    }

    @Test func commoTakesFormsAndMultipart() async throws {
        try await withSimulator { client in
            let form = try await client.post(
                "/commo",
                form: "service=App.Sip_Cdr.GetBill&token=t&syncflag=3&callmethod=0"
                    + "&starttime=2026-01-01+08%3A00%3A00&endtime=2026-01-02%2007:59:59")
            let fields = [
                "service": "App.Sip_Cdr.GetBill", "token": "t", "syncflag": "3",
                "callmethod": "0", "starttime": "2026-01-01 08:00:00",
                "endtime": "2026-01-02 07:59:59", "extnumber": "",
            ]
            let parts = fields.map { name, value in
                "--XX\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n"
            }
            let multipart = try await client.post(
                "/commo/api", Data((parts.joined() + "--XX--\r\n").utf8),
                "multipart/form-data; boundary=XX")
            #expect(try form.result()["totalitems"] as? Int == 5_000)
            #expect(
                try form.result()["bills"] as? NSArray == multipart.result()["bills"] as? NSArray)
        }
    }

    @Test func http429SaysWhenToComeBack() async throws {
        try await withSimulator(options([.http429: 1])) { client in
            var seen: Set<String> = []
            for _ in 0..<60 {
                let reply = try await client.post("/v2/user/out_missed", Self.query)
                #expect(reply.status == 429)
                let text = try #require(reply.headers["retry-after"])
                seen.insert(text.hasSuffix("GMT") ? "date" : text)
            }
            #expect(seen == ["0", "1", "date"])
        }
    }

    @Test func http503IsHTML() async throws {
        try await withSimulator(options([.http503: 1])) { client in
            let reply = try await client.post("/v2/user/out_missed", Self.query)
            #expect(reply.status == 503)
            #expect(reply.headers["content-type"] == "text/html; charset=utf-8")
        }
    }

    @Test(arguments: [SimulatorFault.reset, .cutBody])
    func brokenConnectionsGiveNoWholeAnswer(fault: SimulatorFault) async throws {
        try await withSimulator(options([fault: 1])) { client in
            let error = await #expect(throws: URLError.self) {
                try await client.post("/v2/user/out_missed", Self.query)
            }
            #expect(error?.code != .timedOut, "the connection closes at once")
            let stats = try await client.get("/_stats")
            #expect(stats.status == 200, "the next request is answered")
        }
    }

    @Test func slowBodyIsWhole() async throws {
        var options = options([.slowBody: 1])
        options.slowBodyMilliseconds = 40
        try await withSimulator(options) { client in
            let start = ContinuousClock.now
            let reply = try await client.post("/v2/user/out_missed", Self.query)
            #expect(try reply.rows().count == 10)
            #expect(ContinuousClock.now - start >= .milliseconds(40))
        }
    }

    @Test func hangAnswersAfterItsTime() async throws {
        var options = options([.hang: 1])
        options.hangMilliseconds = 30
        try await withSimulator(options) { client in
            let start = ContinuousClock.now
            let reply = try await client.post("/v2/user/out_missed", Self.query)
            #expect(ContinuousClock.now - start >= .milliseconds(30))
            #expect(try reply.rows().count == 10)
        }
    }

    @Test func stoppingEndsAnswersThatHang() async throws {
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let options = options([.hang: 1])
        let server = Task {
            try await Simulator(options: options).run { continuation.yield($0) }
        }
        var listening = ports.makeAsyncIterator()
        let port = try #require(await listening.next())
        let client = SimulatorClient(port: port, session: URLSession(configuration: .ephemeral))
        let reply = Task { try await client.post("/v2/user/out_missed", Self.query) }
        while try await client.get("/_stats").object()["faults"] as? [String: Int] == [:] {}
        server.cancel()
        try await server.value
        await #expect(throws: URLError.self) { try await reply.value }
    }

    @Test func manyConnectionsAtOnceGetWhatOneGets() async throws {
        try await withSimulator { client in
            let one = try await client.post("/v2/user/out_missed", Self.query)
            try await withThrowingTaskGroup(of: Data.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        try await client.post("/v2/user/out_missed", Self.query).body
                    }
                }
                for try await body in group { #expect(body == one.body) }
            }
        }
    }

    @Test func portInUseIsAnErrorWithTheAddress() async throws {
        try await withSimulator { client in
            var options = SimulatorOptions()
            options.port = client.port
            let second = Simulator(options: options)
            let error = await #expect(throws: SimulatorError.self) { try await second.run { _ in } }
            #expect(error?.code == "simulator_server")
            #expect(error?.message.contains("127.0.0.1:\(client.port)") == true)
        }
    }

    @Test func optionsOutOfRangeAreRefused() async {
        var options = SimulatorOptions()
        options.faults = [.reset: 1.5]
        let simulator = Simulator(options: options)
        let error = await #expect(throws: SimulatorError.self) { try await simulator.run { _ in } }
        #expect(error?.code == "simulator_options")
    }
}
