import ExportModel
import ExportRun

/// The first lines of `cdrx status`: how far a pipeline has come, in numbers.
struct StatusSummary {
    /// These have a column although nothing is in them.
    private static let usual: [ReportedState] = [.complete, .failed, .missing]

    private let streams: [StreamCoverage]
    /// Of all streams.
    private let counts: [ReportedState: Int]

    init(_ streams: [StreamCoverage]) {
        self.streams = streams
        counts = streams.reduce(into: [:]) { $0.merge($1.counts, uniquingKeysWith: +) }
    }

    func print(of pipeline: Pipeline, _ terminal: Terminal) {
        for line in Self.wrapped("\(pipeline.name): \(sentence)", terminal.columnCount) {
            Console.printData(line)
        }
        Console.printData("")
        let states = ReportedState.allCases.filter {
            Self.usual.contains($0) || counts[$0] != nil
        }
        let isNarrow = terminal.isNarrow
        var table = TextTable(
            [("STREAM", .left)] + states.map { ($0.words.uppercased(), .right) }
                + [("OLDEST GAP", .fixed)]
                + (isNarrow ? [] : [("NEWEST COMPLETE", .fixed), ("ROWS", .right)]))
        for stream in streams {
            table.append(
                [stream.stream] + states.map { "\(stream.counts[$0] ?? 0)" }
                    + [stream.oldestGap ?? "-"]
                    + (isNarrow ? [] : [stream.newestComplete ?? "-", "\(stream.rows)"]))
        }
        table.print(fitting: terminal.columnCount)
    }

    /// Lines of whole words, none longer than `width` where that can be.
    private static func wrapped(_ text: String, _ width: Int?) -> [String] {
        guard let width else { return [text] }
        var lines: [String] = [""]
        for word in text.split(separator: " ") {
            let line = lines[lines.count - 1]
            if !line.isEmpty, line.count + 1 + word.count > width {
                lines.append("  " + word)
            } else {
                lines[lines.count - 1] = line.isEmpty ? String(word) : line + " " + word
            }
        }
        return lines
    }

    /// `118 of 124 windows complete, 2 failed, 4 missing; the oldest gap is calls 2026-11-03`
    private var sentence: String {
        let due = counts.filter { $0.key != .notDue }.values.reduce(0, +)
        let complete = (counts[.complete] ?? 0) + (counts[.outdated] ?? 0)
        if due == 0, counts.isEmpty { return "no window is known or due yet" }
        var parts = ["\(complete) of \(due, "window") complete"]
        for state in CoverageCell.order where state != .complete {
            guard let count = counts[state] else { continue }
            parts.append("\(count) \(state.words)")
        }
        let text = parts.joined(separator: ", ")
        guard let gap = oldestGap else { return text }
        return "\(text); the oldest gap is \(gap)"
    }

    private var oldestGap: String? {
        let gaps = streams.compactMap { stream -> (Int64, String)? in
            guard let cell = stream.cells.first(where: { $0.worst.isGap }) else { return nil }
            return (
                cell.range?.start.epochMilliseconds ?? .max, "\(stream.stream) \(cell.window)"
            )
        }
        return gaps.min { $0 < $1 }?.1
    }
}

extension ReportedState {
    /// For tables and sentences.
    var words: String { rawValue.replacing("_", with: " ") }
}
