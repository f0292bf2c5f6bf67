import ExportModel
import Foundation
import Testing

@testable import Extraction

@Suite struct ChainWalkTests {
    private let hour = span(0, 3_600_000)

    /// Records spread evenly over an hour.
    private func spread(_ count: Int) -> [Row] {
        (0..<count).map { Row(id: "r\($0)", offset: Int64($0) * 3_600_000 / Int64(count)) }
    }

    private func walked(
        _ provider: ChainProvider, lanes: Int = 4
    ) throws -> (ids: [String], driver: ChainDriver) {
        var driver = ChainDriver(provider, provider.rules, window: hour, lanes: lanes)
        let slices = try driver.run(isInStep: true)
        return (slices.flatMap(ids(of:)), driver)
    }

    @Test(arguments: ChainProvider.Style.allCases, ChainProvider.Order.allCases)
    func everyRecordComesOnce(style: ChainProvider.Style, order: ChainProvider.Order) throws {
        for count in [0, 1, 9, 10, 11, 20, 155, 1_000] {
            var provider = ChainProvider(rows: spread(count))
            (provider.style, provider.order) = (style, order)
            let (ids, _) = try walked(provider)
            #expect(ids == spread(count).map(\.id), "\(count) records")
        }
    }

    /// Two walks of two pages, each with its last page once more.
    @Test func aShortChainTakesTwoWalks() throws {
        #expect(try walked(ChainProvider(rows: spread(15))).driver.provider.requestCount == 6)
        #expect(try walked(ChainProvider(rows: spread(7))).driver.provider.requestCount == 4)
        #expect(try walked(ChainProvider(rows: [])).driver.provider.requestCount == 4)
    }

    /// A provider that silently serves fewer rows than it is asked for: an offset that counted those
    /// asked for would skip the others, in both walks.
    @Test(arguments: ChainProvider.Style.allCases)
    func aCappedPageSizeLosesNothing(style: ChainProvider.Style) throws {
        var provider = ChainProvider(rows: spread(80))
        (provider.style, provider.cap) = (style, 3)
        #expect(try walked(provider).ids == spread(80).map(\.id))
    }

    // MARK: Proofs

    private func failure(of provider: ChainProvider, window: TimeRange? = nil) throws -> String? {
        var driver = ChainDriver(provider, provider.rules, window: window ?? hour, lanes: 4)
        do {
            _ = try driver.run()
            return nil
        } catch let error as ExtractionError {
            return error.code
        }
    }

    /// One walk and a look at its end, in place of two walks.
    @Test(arguments: [ChainProvider.Order.newestFirst, .oldestFirst])
    func anOverlapTakesFewerRequests(order: ChainProvider.Order) throws {
        var provider = ChainProvider(rows: spread(120))
        provider.order = order
        provider.proof = .overlap
        let (ids, driver) = try walked(provider)
        #expect(ids == spread(120).map(\.id))
        #expect(driver.provider.requestCount == 15)
    }

    /// A chain that the provider ends too early, again and again, but for the question about its
    /// end.
    @Test(arguments: [ChainConfirmation.doubleWalk, .overlap])
    func aChainThatIsCutShortIsNoticed(proof: ChainConfirmation) throws {
        var provider = ChainProvider(rows: spread(80))
        provider.proof = proof
        provider.cutAnswers = 2...3
        let (ids, _) = try walked(provider, lanes: 1)
        #expect(ids == spread(80).map(\.id))
    }

    /// Rows that no order holds together are walked twice whatever the entry says.
    @Test func withoutAnOrderAnOverlapIsADoubleWalk() throws {
        var provider = ChainProvider(rows: spread(60))
        (provider.order, provider.proof) = (.byKey, .overlap)
        let (ids, driver) = try walked(provider)
        #expect(ids == spread(60).map(\.id))
        #expect(driver.provider.requestCount == 14)
    }

    // MARK: Limits

    /// A provider that lists no more than so many records of a query is asked for less.
    @Test(arguments: [false, true]) func aCapOfResultsCutsTheSlice(hasTotal: Bool) throws {
        var provider = ChainProvider(rows: spread(130))
        (provider.maximumResults, provider.hasTotal) = (100, hasTotal)
        provider.style = .offset
        let (ids, _) = try walked(provider)
        #expect(ids == spread(130).map(\.id))
    }

    @Test func aCapThatCannotBeCutIsAnError() throws {
        var provider = ChainProvider(rows: (0..<150).map { Row(id: "r\($0)", offset: 500) })
        provider.maximumResults = 100
        #expect(try failure(of: provider) == "results_capped")
    }

    /// No request asks for more than the provider lists at once.
    @Test func aWindowLongerThanOneRequestMayAskForIsCutFirst() throws {
        let provider = ChainProvider(rows: spread(50))
        var rules = provider.rules
        rules.maximumSpanMilliseconds = 600_000
        var driver = ChainDriver(provider, rules, window: hour, lanes: 4)
        let slices = try driver.run()
        #expect(slices.flatMap(ids(of:)) == spread(50).map(\.id))
        #expect(slices.count == 7)
        #expect(driver.provider.longestAsked <= 600_000)
    }

    // MARK: Cursors

    @Test func aCursorThatLeadsBackIsAnError() throws {
        var provider = ChainProvider(rows: spread(60))
        provider.repeatsCursor = true
        #expect(try failure(of: provider) == "repeated_cursor")
    }

    /// Cursors that live for so few answers that a long chain never ends: shorter ones do.
    @Test func aCursorThatExpiresWalksTheSliceAgain() throws {
        var provider = ChainProvider(rows: spread(130))
        provider.expiresAfter = 8
        let (ids, driver) = try walked(provider, lanes: 1)
        #expect(ids == spread(130).map(\.id))
        #expect(driver.walk.rewalkCount > 0)
        provider.rows = (0..<150).map { Row(id: "r\($0)", offset: 500) }
        #expect(try failure(of: provider) == "no_such_route")
    }

    /// 600 pages, twice, over 16 lanes: no lane waits long, and little is asked for besides.
    @Test func manyLanesWalkALongChain() throws {
        let (ids, driver) = try walked(ChainProvider(rows: spread(6_000)), lanes: 16)
        #expect(ids.count == 6_000)
        #expect(driver.provider.requestCount < 1_200 * 115 / 100)
        #expect(driver.rounds * 16 < 1_200 * 125 / 100)
    }
}

/// Random faults, and records that come and go: no seed may lose a record, double one, or take
/// anything for verified that is not.
@Suite struct ChainChaosTests {
    private static let seeds =
        1...(ProcessInfo.processInfo.environment["CDRX_CHAOS_SEEDS"].flatMap { Int($0) } ?? 60)

    /// A provider, a window and lanes that follow from a seed.
    private func scenario(_ seed: Int, drifts: Bool) -> (ChainProvider, lanes: Int) {
        var numbers = SeededNumbers(seed: UInt64(seed))
        func draw(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &numbers) }
        let count = draw(0...3) == 0 ? draw(0...30) : draw(0...700)
        let isDense = draw(0...2) == 0
        let rows = (0..<count).map { index in
            let offset = isDense ? draw(1_700_000...1_900_000) : draw(0...3_599_999)
            // Some times are equal, and some records lie in the padding.
            return Row(id: "r\(index)", offset: Int64(offset / 500 * 500) - 500)
        }
        var provider = ChainProvider(rows: rows)
        provider.style = ChainProvider.Style.allCases[draw(0...4)]
        provider.order = ChainProvider.Order.allCases[draw(0...2)]
        provider.cap = [10, 10, 7, 3][draw(0...3)]
        provider.hasTotal =
            [.keyset, .offset].contains(provider.style) && draw(0...3) == 0
        let rate = [0, 5, 20, 40][draw(0...3)]
        provider.faults.empty = rate
        provider.faults.emptyWithNext = rate
        // An overlap does not see what no answer shows twice.
        provider.faults.short = provider.proof == .overlap ? rate / 8 : rate
        provider.faults.cut = rate
        provider.faults.formerPage = rate / 4
        provider.faults.expired = rate / 10
        if drifts {
            provider.faults.arrival = [0, 2, 10][draw(0...2)]
            provider.faults.departure = [0, 2, 10][draw(0...2)]
        }
        provider.numbers = SeededNumbers(seed: UInt64(seed) &* 77)
        return (provider, [1, 3, 16][draw(0...2)])
    }

    private let hour = span(0, 3_600_000)

    private func inside(_ rows: [Row]) -> Set<String> {
        Set(rows.filter { (0..<3_600_000).contains($0.place) }.map(\.id))
    }

    @Test func faultsAloneChangeNothing() throws {
        var failed: [String] = []
        for seed in Self.seeds {
            let (provider, lanes) = scenario(seed, drifts: false)
            var driver = ChainDriver(
                provider, provider.rules, window: hour, lanes: lanes, seed: UInt64(seed))
            do {
                let found = try driver.run().flatMap(ids(of:))
                #expect(Set(found).count == found.count, "seed \(seed) doubles")
                #expect(Set(found) == inside(provider.rows), "seed \(seed)")
            } catch let error as ExtractionError {
                failed.append("seed \(seed): \(error.code) \(error.message)")
            }
        }
        #expect(failed.isEmpty, "\(failed)")
    }

    @Test func recordsThatStayComeOnce() throws {
        var failed: [String] = []
        for seed in Self.seeds {
            let (provider, lanes) = scenario(seed, drifts: true)
            var driver = ChainDriver(
                provider, provider.rules, window: hour, lanes: lanes, seed: UInt64(seed))
            do {
                let found = try driver.run().flatMap(ids(of:))
                let stayed = inside(provider.rows).subtracting(
                    driver.provider.departed.map(\.id))
                #expect(Set(found).count == found.count, "seed \(seed) doubles")
                #expect(stayed.isSubset(of: found), "seed \(seed) loses")
                let known = inside(provider.rows).union(driver.provider.arrived.map(\.id))
                #expect(Set(found).isSubset(of: known), "seed \(seed) invents")
            } catch let error as ExtractionError {
                failed.append("seed \(seed): \(error.code) \(error.message)")
            }
        }
        #expect(failed.count <= Self.seeds.count / 10, "\(failed)")
    }
}
