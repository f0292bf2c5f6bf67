import ExportModel
import Testing

@testable import Extraction

/// A window whose provider reports fewer records than it has, against a provider in memory: it ends
/// with every record, or it fails with both numbers.
@Suite struct LowTotalTests {
    private let hour = span(0, 3_600_000)

    /// 25 records with `count: 20` were published as 20, with `count: 10` as 10.
    @Test(arguments: [1, 5, 10, 15, 20, 24], [1, 16])
    func aFixedTotalFailsWithBothNumbers(claimed: Int, lanes: Int) throws {
        var faults = FakeProvider.Faults()
        faults.total = { _, _, _ in claimed }
        let error = try walkFailure(FakeProvider(records(25), faults: faults), lanes: lanes)
        #expect(error.kind == .unreconciled)
        #expect(error.message.contains("reports \(claimed) records"), "\(error.message)")
        #expect(error.message.contains("hold 25 different"), "\(error.message)")
    }

    @Test(arguments: [20, 21, 30, 111, 120, 237], [1, 10])
    func aTotalThatIsAlwaysTooLowIsNeverBelieved(count: Int, missing: Int) throws {
        var faults = FakeProvider.Faults()
        faults.total = { found, _, _ in max(found - missing, 0) }
        try expectAllOrNothing(records(count), faults)
    }

    /// Where every total counts its own page, slices of one page are right.
    @Test(arguments: [10, 11, 25, 100, 237], [1, 16])
    func aTotalOfThePageAloneEndsComplete(count: Int, lanes: Int) throws {
        var faults = FakeProvider.Faults()
        faults.total = { _, onPage, _ in onPage }
        let provider = FakeProvider(records(count), faults: faults)
        let result = try walkWindow(provider, hour, lanes: lanes)
        #expect(result.ids == truth(records(count)))
    }

    /// The window's own total is capped too, so it must not be believed at the end either.
    @Test(arguments: [50, 100, 500, 1_000], [1, 16])
    func aCappedTotalEndsComplete(cap: Int, lanes: Int) throws {
        var faults = FakeProvider.Faults()
        faults.total = { found, _, _ in min(found, cap) }
        let rows = records(1_333)
        let provider = FakeProvider(rows, faults: faults)
        if cap.isMultiple(of: 100) {
            #expect(try walkWindow(provider, hour, lanes: lanes).ids == truth(rows))
        } else {
            try expectAllOrNothing(rows, faults)
        }
    }

    /// A provider whose pages end at the cap as well: nothing but smaller slices shows it.
    @Test func pagesThatEndAtACapOfAThousandEndComplete() throws {
        let rows = records(2_500)
        let transport = FakeTransport { request, _ in
            guard let from = number("from", in: request), let to = number("to", in: request),
                let page = number("page", in: request)
            else { return reply("", status: 400) }
            let asked = (from - midnight.epochMilliseconds)...(to - midnight.epochMilliseconds)
            let found = rows.filter { asked.contains($0.place) }
                .sorted { $0.place > $1.place }.prefix(1_000)
            let part = Array(found.dropFirst(Int(page - 1) * 10).prefix(10))
            return reply(cdr(part, total: found.count))
        }
        #expect(try walkWindow(transport, hour, slicePages: 500).ids == truth(rows))
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func aTotalThatChangesIsNeverBelieved(seed: UInt64) throws {
        var faults = FakeProvider.Faults()
        faults.total = { found, _, request in
            var numbers = SeededNumbers(seed: seed &* 1_000 &+ UInt64(request))
            return max(found + Int.random(in: -1...1, using: &numbers), 0)
        }
        try expectAllOrNothing(records(95), faults)
    }

    @Test(arguments: [1, 10, 1_000]) func aTotalThatIsTooHighFails(extra: Int) throws {
        var faults = FakeProvider.Faults()
        faults.total = { found, _, _ in found + extra }
        let error = try walkFailure(FakeProvider(records(45), faults: faults))
        #expect(error.kind == .unreconciled)
    }

    /// A late record moves one onto the page after a full last one: no lie, so no failure.
    @Test(arguments: 1...12) func aRecordThatComesLateIsNoLie(request: Int) throws {
        var faults = FakeProvider.Faults()
        faults.changes[request] = [.enter(Row(id: "late", offset: 3_599_000))]
        let provider = FakeProvider(records(30), faults: faults)
        let result = try walkWindow(provider, hour)
        let all = truth(records(30) + [Row(id: "late", offset: 3_599_000)])
        #expect(result.ids == all || result.ids == truth(records(30)))
        if request <= 4 { #expect(result.ids == all) }
    }

    @Test func shortSinglePagesCostOneRequest() throws {
        for count in 0...9 {
            let provider = FakeProvider(records(count))
            #expect(try walkWindow(provider, hour).requestCount == 1)
        }
    }

    // MARK: Helpers

    private func records(_ count: Int) -> [Row] {
        (0..<count).map { Row(id: "r\($0)", offset: Int64($0) * 3_599_999 / Int64(max(count, 1))) }
    }

    private func truth(_ rows: [Row]) -> [String] {
        rows.sorted { ($0.place, $0.id) < ($1.place, $1.id) }.map(\.id)
    }

    private func expectAllOrNothing(_ rows: [Row], _ faults: FakeProvider.Faults) throws {
        for lanes in [1, 16] {
            do {
                let provider = FakeProvider(rows, faults: faults)
                #expect(try walkWindow(provider, hour, lanes: lanes).ids == truth(rows))
            } catch let error as ExtractionError {
                #expect(error.kind == .unreconciled)
            }
        }
    }

    private func walkFailure(_ provider: FakeProvider, lanes: Int = 4) throws -> ExtractionError {
        do {
            _ = try walkWindow(provider, hour, lanes: lanes)
        } catch let error as ExtractionError {
            return error
        }
        throw ExtractionError(.unknownAnswer, code: "test", message: "it did not fail")
    }
}
