import ExportModel
import Extraction
import Foundation
import Synchronization
import Testing

@testable import ExportRun

/// What a run reports while it goes on.
@Suite struct RunEventTests {
    // MARK: - The reference

    /// The table of `pipelines/README.md`, by the events' names.
    private func reference() throws -> [String: (level: String, fields: Set<String>)] {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let text = try String(
            contentsOf: root.appendingPathComponent("pipelines/README.md"), encoding: .utf8)
        let section = try #require(text.components(separatedBy: "\n## Logs\n").dropFirst().first)
        var rows: [String: (level: String, fields: Set<String>)] = [:]
        for line in section.components(separatedBy: "\n## ")[0].split(separator: "\n") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 4, cells[0].hasPrefix("`") else { continue }
            let fields = cells[2].split(separator: " ").map {
                $0.trimmingCharacters(in: ["`", ","])
            }
            rows[cells[0].trimmingCharacters(in: ["`"])] = (cells[1], Set(fields))
        }
        return rows
    }

    @Test func everyEventIsInTheReference() throws {
        let rows = try reference()
        #expect(Set(rows.keys) == Set(RunEvent.Name.allCases.map(\.rawValue)).union(["message"]))
        for name in RunEvent.Name.allCases {
            #expect(rows[name.rawValue]?.level.hasPrefix(name.level.name) == true, "\(name)")
        }
        let fields = rows.values.reduce(into: Set<String>()) { $0.formUnion($1.fields) }
        #expect(fields == Set(RunEvent.Field.allCases.map(\.rawValue)))
    }

    @Test func theSchemaHasEveryNameAndField() throws {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let data = try Data(
            contentsOf: root.appendingPathComponent("pipelines/log-event.schema.json"))
        let schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let properties = try #require(schema["properties"] as? [String: [String: Any]])
        #expect(
            Set(properties["event"]?["enum"] as? [String] ?? [])
                == Set(RunEvent.Name.allCases.map(\.rawValue)).union(["message"]))
        #expect(
            Set(properties["level"]?["enum"] as? [String] ?? [])
                == Set(RunEvent.Level.allCases.map(\.name)))
        let common: Set = [
            "time", "level", "event", "run", "pipeline", "stream", "account", "window", "message",
        ]
        #expect(
            Set(properties.keys) == common.union(RunEvent.Field.allCases.map(\.rawValue)))
    }

    // MARK: - A run

    private func run(
        _ provider: FakeProvider, _ text: String = Workplace.v2, meter: RunMeter = RunMeter()
    ) throws -> (report: RunReport, events: [RunEvent]) {
        let workplace = try Workplace()
        defer { workplace.remove() }
        let events = Mutex<[RunEvent]>([])
        let report = try workplace.run(text, transport: provider, meter: meter) { event in
            events.withLock { $0.append(event) }
        }
        return (report, events.withLock { $0 })
    }

    private func value(_ field: RunEvent.Field, of event: RunEvent?) -> RunEvent.Value? {
        event?.value(of: field)
    }

    @Test func everythingThatHappensIsReportedAndCounted() throws {
        let provider = FakeProvider(evenRecords(90)) { request in
            switch request {
            case 3:
                .answer(ProviderAnswer(status: 429, retryAfter: "0", body: Array("{}".utf8)))
            case 8: .failure(TransportFailure(kind: .cutOff, text: "cut"))
            default: nil
            }
        }
        let meter = RunMeter()
        let text = Workplace.v2.replacingOccurrences(of: "attempts: 2", with: "attempts: 6")
        let (report, events) = try run(provider, text, meter: meter)
        #expect(report.exitCode == 0)
        let counts = Dictionary(grouping: events, by: \.name).mapValues(\.count)
        #expect(counts[.runStarted] == 1)
        #expect(counts[.windowStarted] == 1)
        #expect(counts[.requestRetried] == 2)
        #expect(counts[.accountThrottled] == 1)
        #expect(counts[.windowEnded] == 1)
        #expect(counts[.partitionPublished] == 1)
        #expect(counts[.sliceVerified] ?? 0 > 2)
        #expect(report.traffic.requests == provider.requestedPages.count)
        #expect(report.traffic.retries == 2)
        #expect(report.traffic.throttles == 1)
        #expect(report.traffic.responseBytes > 1_000)
        #expect(report.streams.map(\.traffic) == [report.traffic])

        let retries = events.filter { $0.name == .requestRetried }
        #expect(
            Set(retries.map { value(.code, of: $0) })
                == [.text("http_429"), .text("cut_off")])
        #expect(
            retries.allSatisfy { event in
                event.subject
                    == RunEvent.Subject(stream: "v2", account: "u", window: "2026-01-01")
            })
        let published = events.first { $0.name == .partitionPublished }
        #expect(value(.rows, of: published) == .count(90))
        #expect(events.allSatisfy { $0.pipeline == "crash" && $0.runID == report.runID })

        let ending = report.summary.first
        #expect(ending?.name == .runEnded)
        #expect(value(.requests, of: ending) == .count(report.traffic.requests))
        #expect(value(.retries, of: ending) == .count(2))
        #expect(value(.throttles, of: ending) == .count(1))
        #expect(ending?.message.contains("(2 retries, 1 answered 429") == true)
    }

    @Test func progressEndsAtTheWholeOfIt() throws {
        let meter = RunMeter()
        let (report, _) = try run(FakeProvider(evenRecords(90)), meter: meter)
        let progress = meter.progress
        let stream = try #require(progress.streams.first)
        #expect(progress.streams.count == 1 && progress.startedAt != nil)
        #expect(stream.windows == [.complete])
        #expect((stream.windowCount, stream.endedCount, stream.incompleteCount) == (1, 1, 0))
        #expect(stream.walkedCount == 1)
        #expect(stream.rows == 90)
        #expect(stream.pages == stream.expectedPages)
        #expect(stream.traffic == report.traffic)
        #expect(stream.share == 1)
    }

    /// Ten thousand accounts whose partition cannot be written are one message.
    @Test func theSameFailureOfManyAccountsIsReportedOnce() throws {
        let accounts = (0..<40).map { "{account: a\($0), token: \"${TOKEN}\"}" }
        let text = Workplace.v2.replacingOccurrences(
            of: "[{account: u, token: \"${TOKEN}\"}]",
            with: "[\(accounts.joined(separator: ", "))]")
        let refusal = Array(#"{"code":400,"msg":"no such range"}"#.utf8)
        let provider = FakeProvider([]) { _ in
            .answer(ProviderAnswer(status: 200, body: refusal))
        }
        let (report, events) = try run(provider, text)
        #expect(report.failures.count == 40)
        let errors = events.filter { $0.level == .error }
        let message = try #require(errors.first?.message)
        #expect(errors.count == 1, "\(errors.map(\.message))")
        #expect(message.hasPrefix("40 accounts (") && message.contains("and 35 more"))
        #expect(value(.accounts, of: errors.first) == .count(40))
        #expect(errors.first?.subject.account == nil)
    }

    /// So are many partitions with one account each, but for a few.
    @Test func theSameFailureOfManyPartitionsIsSummedUp() throws {
        let text = Workplace.v2.replacingOccurrences(of: "2026-01-02", with: "2026-01-31")
        let refusal = Array(#"{"code":400,"msg":"no such range"}"#.utf8)
        let provider = FakeProvider([]) { _ in
            .answer(ProviderAnswer(status: 200, body: refusal))
        }
        let (report, events) = try run(provider, text)
        // Those that are due.
        #expect(report.failures.count == 9)
        let errors = events.filter { $0.level == .error }
        #expect(
            errors.map(\.name) == [.windowEnded, .windowEnded, .windowEnded, .failuresRepeated])
        #expect(value(.windows, of: errors.last) == .count(6))
        #expect(value(.names, of: errors.last) == .list(["u"]))
    }

    // MARK: - Values

    @Test(
        arguments: [
            (0, "0.000"), (45, "0.045"), (100, "0.1"), (1_234, "1.2"), (75_000, "75.0"),
        ] as [(Int64, String)])
    func secondsHaveOneDigit(milliseconds: Int64, text: String) {
        #expect(SecondsText.make(milliseconds) == text)
    }

    @Test(
        arguments: [(0, "0.000"), (1_204, "1.204"), (-50, "-0.050"), (60_000, "60.000")]
            as [(Int64, String)])
    func secondsOfMachinesAreExact(milliseconds: Int64, text: String) {
        #expect(SecondsText.exact(milliseconds) == text)
    }

    @Test(arguments: [
        (0.3125, "0.31"), (0.3, "0.3"), (4, "4"), (12.53, "12.5"), (1_250.4, "1250"),
        (2.05, "2.05"),
    ])
    func ratesHaveTwoDigits(rate: Double, text: String) {
        #expect(RateText.make(rate) == text)
    }

    @Test(
        arguments: [
            (812, "812 B"), (12_345, "12.3 kB"), (999_960, "1.0 MB"), (4_000_000_000, "4.0 GB"),
        ] as [(Int64, String)])
    func bytesHaveUnits(count: Int64, text: String) {
        #expect(ByteText.make(count) == text)
    }
}
