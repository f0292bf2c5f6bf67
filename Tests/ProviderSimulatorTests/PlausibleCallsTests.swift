import Testing

@testable import ProviderSimulator

/// Generated records look like calls, in every endpoint.
@Suite struct PlausibleCallsTests {
    private let day: Int64 = 86_400_000

    private func truth(_ endpoint: String) throws -> [[String: Any]] {
        var options = SimulatorOptions()
        options.rowsPerDay = 2_000
        return try ExchangeClient(options).truth(endpoint, "22")
    }

    @Test(arguments: ["telecmi.v1.agentOutMissed", "telecmi.v2.user.out_missed"])
    func missedCallsAreNotBilledAndRingForLessThanAMinute(endpoint: String) throws {
        let calls = try truth(endpoint)
        #expect(calls.ints("billedsec").allSatisfy { $0 == 0 })
        let rings = calls.compactMap { $0["duration"] as? Int }
        #expect(rings.allSatisfy { (0...60).contains($0) })
        #expect(rings.isEmpty || Set(rings).count > 30)
    }

    @Test func talksAreMostlyShortAndSometimesLong() throws {
        let seconds = try truth("telecmi.v1.outanswered").ints("billedsec").sorted()
        #expect(seconds.first.map { $0 >= 1 } == true)
        #expect((60...120).contains(seconds[seconds.count / 2]), "median")
        #expect((300...700).contains(seconds[seconds.count * 9 / 10]), "ninth decile")
        #expect(seconds.last.map { (1_000...3_600).contains($0) } == true)
    }

    @Test func mostCallsBeginInWorkingHours() throws {
        let times = try truth("telecmi.v1.outanswered").ints("time").map { Int64($0) % day }
        // 09:00 to 18:00 in India.
        let working = times.filter { (12_600_000..<45_000_000).contains($0) }.count
        #expect(working * 10 > times.count * 6)
        let hours = Set(times.map { $0 / 3_600_000 })
        #expect(hours.count == 24, "no hour is without calls")
    }

    @Test func bridgedLegsFitTogether() throws {
        let client = ExchangeClient()
        for number in 1...200 {
            let digits = String(number)
            let id = "rid-1-" + String(repeating: "0", count: 4 - digits.count) + digits
            let parameters: [String: Any] = ["appid": 22, "secret": "s", "request_id": id]
            let legs = try client.post("/v1/piopiy/requestid_cdr", parameters).rows()
            let first = try #require(legs.last)
            let start = try #require(first["time"] as? Int)
            let length = try #require(first["duration"] as? Int)
            #expect(first["status"] as? String == "answered", "nobody to connect: \(id)")
            for leg in legs.dropLast() {
                let begin = try #require(leg["time"] as? Int)
                let seconds = try #require(leg["duration"] as? Int)
                #expect(begin >= start, "\(id)")
                #expect(begin + seconds * 1_000 <= start + length * 1_000, "\(id)")
                if leg["status"] as? String == "missed" {
                    #expect(seconds <= 60, "\(id)")
                    #expect(leg["rate"] as? Double == 0, "\(id)")
                }
            }
        }
    }

    /// Ofcom, ACMA and ARCEP keep these numbers for films; 555-0100 to 555-0199 in North America.
    @Test func numbersBelongToNobody() throws {
        let calls = try truth("telecmi.v2.user.out_missed")
        let numbers = calls.ints("to") + calls.texts("from").compactMap { Int($0) }
        #expect(numbers.count == calls.count * 2)
        let strangers = numbers.filter { number in
            !((447_700_900_000...447_700_900_999).contains(number)
                || (442_079_460_000...442_079_460_999).contains(number)
                || (33_639_980_000...33_639_989_999).contains(number)
                || number / 10_000_000_000 == 1 && number % 10_000_000 / 100 == 55_501)
        }
        #expect(strangers.prefix(3).isEmpty)
    }
}
