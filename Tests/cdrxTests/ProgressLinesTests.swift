import ExportModel
import ExportRun
import Testing

@testable import cdrx

/// What a terminal shows of a run, at a moment that the test makes up.
@Suite struct ProgressLinesTests {
    @Test func aLineForEachStreamAndOneForAll() {
        let lines = lines(of: [answered, missed], columns: 140)
        #expect(
            lines == [
                "answered  █▒×░░                  40%  2/5 windows  812/2,000 pages  8,120 rows  "
                    + "410 rows/s  3 retries  2×429 2.5/s  1 failed",
                "missed    ████                  100%  4/4 windows      40/40 pages    390 rows  "
                    + "                                        done",
                "total     █████████████░░░░░░░   66%  6/9 windows  852/2,040 pages  8,510 rows  "
                    + "430 rows/s  3 retries  2×429 2.5/s  1 failed",
            ])
    }

    @Test(arguments: 1...200)
    func noLineReachesTheLastColumn(columns: Int) {
        for line in lines(of: [answered, missed, long], columns: columns) {
            #expect(line.count < max(columns, 2), "\(line)")
        }
    }

    /// What matters most stays: the name, how far it is, when it ends, and that it is slowed down.
    @Test func sixtyColumnsKeepWhatMatters() {
        let lines = lines(of: [waiting, long], columns: 60)
        #expect(
            lines == [
                "waiting         ░░░░░░░░░░   0%      0 rows",
                "calls_of_all_…  █████░░░░░  50%  5,000 rows  0:20 left",
                "total           █░░░░░░░░░  12%  5,000 rows  2:20 left",
            ])
    }

    /// Accounts of one partition are walked one after the other, and published together.
    @Test func walkedWindowsCountBeforeTheirPartitionIsPublished() {
        var shared = RunProgress.Stream(name: "shared")
        (shared.windowCount, shared.walkedCount, shared.rows) = (100, 40, 400)
        #expect(
            lines(of: [shared], columns: 100) == [
                "shared  ████████░░░░░░░░░░░░  40%  40/100 windows  400 rows  0:30 left"
            ])
        shared.walkedCount = 100
        #expect(
            lines(of: [shared], columns: 100) == [
                "shared  ███████████████████░  99%  100/100 windows  400 rows  publishing"
            ])
    }

    @Test func aTerminalWithoutUnicodeGetsASCII() {
        let lines = ProgressLines(
            progress: RunProgress(streams: [answered], startedAt: 0), rowsPerSecond: [],
            elapsedMilliseconds: 20_000, isUnicode: false
        ).lines(TerminalSize(columns: 100, rows: 24))
        #expect(lines[0].contains("#+x.."))
    }

    @Test func manyStreamsLeaveRoomForTheTotal() {
        let streams = (0..<40).map { number in
            var stream = waiting
            stream.name = "s\(number)"
            if number == 39 { stream.pages = 3 }
            return stream
        }
        let lines = ProgressLines(
            progress: RunProgress(streams: streams, startedAt: 0), rowsPerSecond: [],
            elapsedMilliseconds: 20_000, isUnicode: true
        ).lines(TerminalSize(columns: 80, rows: 10))
        #expect(lines.count == 8)
        // The one that is at work is among them.
        #expect(lines[5].hasPrefix("s39"))
        #expect(lines[6] == "and 34 more streams")
        #expect(lines[7].hasPrefix("total"))
    }

    @Test func aLogGetsOneLine() {
        let text = ProgressLines(
            progress: RunProgress(streams: [answered, missed], startedAt: 0),
            rowsPerSecond: [410, 20, 430], elapsedMilliseconds: 33_000, isUnicode: false
        ).text
        #expect(
            text == """
                6 of 9 windows, 852 of 2,040 pages, 8,510 rows (430 rows/s), 1 failed, 3 retries, \
                2 answered 429 (slowed to 2.5 requests/s), 0:16 left
                """)
    }

    @Test(
        arguments: [
            (0, "0:00"), (42_900, "0:42"), (725_000, "12:05"), (11_232_000, "3:07:12"),
        ] as [(Int64, String)])
    func timesAreClocks(milliseconds: Int64, text: String) {
        #expect(ProgressLines.clock(milliseconds) == text)
    }

    @Test func speedIsOfTheLastTenSeconds() {
        var speed = ProgressSpeed()
        #expect(speed.rowsPerSecond == [])
        var stream = RunProgress.Stream(name: "a")
        for second in 0...30 {
            // 100 rows a second for 20 seconds, then none.
            stream.rows = 100 * min(second, 20)
            speed.note(
                RunProgress(streams: [stream], startedAt: 0), at: Int64(second) * 1_000)
            if second == 20 { #expect(speed.rowsPerSecond == [100, 100]) }
            if second == 25 { #expect(speed.rowsPerSecond == [50, 50]) }
        }
        #expect(speed.rowsPerSecond == [0, 0])
    }

    // MARK: - Streams

    /// Five windows, one of them failed.
    private var answered: RunProgress.Stream {
        var stream = RunProgress.Stream(name: "answered")
        stream.windowCount = 5
        (stream.walkedCount, stream.endedCount) = (2, 2)
        stream.incompleteCount = 1
        stream.windows = [.complete, .active, .incomplete, .waiting, .waiting]
        (stream.rows, stream.pages, stream.expectedPages) = (8_120, 812, 2_000)
        stream.traffic.retries = 3
        stream.traffic.throttles = 2
        stream.slowedTo = 2.5
        return stream
    }

    private var missed: RunProgress.Stream {
        var stream = RunProgress.Stream(name: "missed")
        (stream.windowCount, stream.walkedCount, stream.endedCount) = (4, 4, 4)
        stream.windows = [.complete, .complete, .complete, .complete]
        (stream.rows, stream.pages, stream.expectedPages) = (390, 40, 40)
        return stream
    }

    private var waiting: RunProgress.Stream {
        var stream = RunProgress.Stream(name: "waiting")
        stream.windowCount = 3_000
        return stream
    }

    /// More windows than cells, and a name that does not fit.
    private var long: RunProgress.Stream {
        var stream = RunProgress.Stream(name: "calls_of_all_our_customers_everywhere")
        (stream.windowCount, stream.walkedCount, stream.endedCount) = (1_000, 500, 0)
        stream.rows = 5_000
        return stream
    }

    private func lines(of streams: [RunProgress.Stream], columns: Int) -> [String] {
        ProgressLines(
            progress: RunProgress(streams: streams, startedAt: 0),
            rowsPerSecond: streams.count == 2 ? [410, 20, 430] : [],
            elapsedMilliseconds: 20_000, isUnicode: true
        ).lines(TerminalSize(columns: columns, rows: 24))
    }
}
