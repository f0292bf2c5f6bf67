import ExportModel
import ExportRun

/// Lines that show how far a run is: one for each stream and one for all, in the columns that a
/// terminal has.
struct ProgressLines {
    /// What a line shows, in its order.
    private enum Part: CaseIterable {
        case name, bar, share, windows, pages, rows, speed, retries, throttles, end

        /// What stays longest where columns are few comes first.
        static let byWeight: [Part] = [
            .name, .share, .end, .throttles, .rows, .bar, .retries, .speed, .windows, .pages,
        ]
    }

    private static let gap = 2

    let progress: RunProgress
    /// ``ProgressSpeed/rowsPerSecond``
    let rowsPerSecond: [Double?]
    let elapsedMilliseconds: Int64
    /// Whether the terminal shows more than ASCII.
    let isUnicode: Bool

    /// As many lines as fit, each shorter than the terminal's columns.
    func lines(_ size: TerminalSize) -> [String] {
        let streams = progress.streams
        if streams.isEmpty { return [] }
        let columns = size.columns - 1
        // A line stays for what is typed next, one for the total.
        let room = max(size.rows - 3, 1)
        let shown = chosen(room)
        var cells = shown.map { parts(of: streams[$0], speed(at: $0), columns) }
        if streams.count > 1 {
            cells.append(parts(of: total, speed(at: streams.count), columns))
        }
        var widths: [Part: Int] = [:]
        for cell in cells {
            for (part, text) in cell { widths[part] = max(widths[part] ?? 0, text.count) }
        }
        let chosen = parts(fitting: columns, widths)
        var lines = cells.map { cell in line(of: cell, chosen, widths) }
        let hidden = streams.count - shown.count
        if hidden > 0 {
            lines.insert(
                TextWidth.fit("and \(hidden, "more stream")", columns: columns),
                at: lines.count - 1)
        }
        return lines.map { TextWidth.fit($0, columns: max(columns, 1)) }
    }

    /// One line for logs.
    var text: String {
        let total = total
        var parts = ["\(total.walkedCount) of \(total.windowCount, "window")"]
        if total.pages > 0 {
            let all = total.expectedPages.map { " of \(Self.grouped($0))" } ?? ""
            parts.append("\(Self.grouped(total.pages))\(all) pages")
        }
        var rows = "\(Self.grouped(total.rows)) rows"
        if let speed = speed(at: progress.streams.count) { rows += " (\(Self.speed(speed)))" }
        parts.append(rows)
        if total.incompleteCount > 0 { parts.append("\(total.incompleteCount) failed") }
        if total.traffic.retries > 0 { parts.append(Self.retries(total)) }
        if total.traffic.throttles > 0 { parts.append(Self.throttles(total)) }
        if total.walkedCount == total.windowCount, total.endedCount < total.windowCount {
            parts.append("publishing")
        } else if let left = leftMilliseconds(total) {
            parts.append("\(Self.clock(left)) left")
        }
        return parts.joined(separator: ", ")
    }

    /// How long it will take, by how long it has taken; nil as long as that says nothing.
    func leftMilliseconds(_ stream: RunProgress.Stream) -> Int64? {
        let share = stream.share
        guard share > 0.005, share < 1, elapsedMilliseconds >= 2_000 else { return nil }
        return Int64(Double(elapsedMilliseconds) * (1 - share) / share)
    }

    /// All streams together.
    var total: RunProgress.Stream {
        var total = RunProgress.Stream(name: "total")
        var expected: Int? = 0
        for stream in progress.streams {
            total.windowCount += stream.windowCount
            total.walkedCount += stream.walkedCount
            total.endedCount += stream.endedCount
            total.incompleteCount += stream.incompleteCount
            total.rows += stream.rows
            total.pages += stream.pages
            total.traffic += stream.traffic
            let isKnown = stream.expectedPages != nil || stream.endedCount == stream.windowCount
            let pages = stream.expectedPages ?? stream.pages
            expected = isKnown ? expected.map { $0 + pages } : nil
            if let rate = stream.slowedTo { total.slowedTo = min(total.slowedTo ?? rate, rate) }
        }
        total.expectedPages = expected
        return total
    }

    // MARK: - Choice

    /// Streams that have lines: those that are at work before those that have ended or not begun.
    private func chosen(_ room: Int) -> [Int] {
        let streams = progress.streams
        if streams.count <= room { return Array(streams.indices) }
        let atWork = streams.indices.filter { index in
            streams[index].pages > 0 && streams[index].endedCount < streams[index].windowCount
        }
        let others = streams.indices.filter { !atWork.contains($0) }
        return Array((atWork + others).prefix(max(room - 1, 1))).sorted()
    }

    private func parts(fitting columns: Int, _ widths: [Part: Int]) -> Set<Part> {
        var chosen: Set<Part> = []
        var used = -Self.gap
        for part in Part.byWeight {
            guard let width = widths[part], width > 0, used + Self.gap + width <= columns else {
                continue
            }
            chosen.insert(part)
            used += Self.gap + width
        }
        return chosen
    }

    private func line(
        of cell: [Part: String], _ chosen: Set<Part>, _ widths: [Part: Int]
    ) -> String {
        var line = ""
        for part in Part.allCases where chosen.contains(part) {
            let text = cell[part] ?? ""
            let padding = String(repeating: " ", count: (widths[part] ?? 0) - text.count)
            if !line.isEmpty { line += String(repeating: " ", count: Self.gap) }
            line += part == .name || part == .bar ? text + padding : padding + text
        }
        while line.last == " " { line.removeLast() }
        return line
    }

    // MARK: - Parts

    private func parts(
        of stream: RunProgress.Stream, _ speed: Double?, _ columns: Int
    ) -> [Part: String] {
        let hasEnded = stream.endedCount == stream.windowCount
        var parts: [Part: String] = [
            .name: TextWidth.fit(stream.name, columns: max(columns / 4, 8)),
            .bar: bar(stream, columns: columns < 90 ? 10 : 20),
            .share: "\(Int(stream.share * 100))%",
            .windows: "\(stream.walkedCount)/\(stream.windowCount, "window")",
            .rows: "\(Self.grouped(stream.rows)) rows",
        ]
        if stream.pages > 0 {
            let all = stream.expectedPages.map { "/\(Self.grouped($0))" } ?? ""
            parts[.pages] = "\(Self.grouped(stream.pages))\(all) pages"
        }
        if let speed, !hasEnded { parts[.speed] = Self.speed(speed) }
        if stream.traffic.retries > 0 { parts[.retries] = Self.retries(stream) }
        if stream.traffic.throttles > 0 {
            parts[.throttles] =
                "\(stream.traffic.throttles)×429"
                + (stream.slowedTo.map { " \(RateText.make($0))/s" } ?? "")
        }
        if stream.incompleteCount > 0 {
            parts[.end] = "\(stream.incompleteCount) failed"
        } else if hasEnded {
            parts[.end] = "done"
        } else if stream.walkedCount == stream.windowCount {
            parts[.end] = "publishing"
        } else if let left = leftMilliseconds(stream) {
            parts[.end] = "\(Self.clock(left)) left"
        }
        return parts
    }

    /// A cell for each window where they are few, else the share.
    private func bar(_ stream: RunProgress.Stream, columns: Int) -> String {
        let (full, begun, empty): (Character, Character, Character) =
            isUnicode ? ("█", "▒", "░") : ("#", "+", ".")
        if (2...columns).contains(stream.windows.count) {
            return String(
                stream.windows.map { window -> Character in
                    switch window {
                    case .waiting: empty
                    case .active: begun
                    case .complete: full
                    case .incomplete: isUnicode ? "×" : "x"
                    }
                })
        }
        let count = min(Int(stream.share * Double(columns)), columns)
        return String(repeating: full, count: count)
            + String(repeating: empty, count: columns - count)
    }

    private func speed(at index: Int) -> Double? {
        rowsPerSecond.indices.contains(index) ? rowsPerSecond[index] : nil
    }

    private static func speed(_ rows: Double) -> String {
        rows < 10 ? "\(RateText.make(rows)) rows/s" : "\(grouped(Int(rows))) rows/s"
    }

    private static func retries(_ stream: RunProgress.Stream) -> String {
        stream.traffic.retries == 1 ? "1 retry" : "\(grouped(stream.traffic.retries)) retries"
    }

    private static func throttles(_ stream: RunProgress.Stream) -> String {
        "\(grouped(stream.traffic.throttles)) answered 429"
            + (stream.slowedTo.map { " (slowed to \(RateText.make($0)) requests/s)" } ?? "")
    }

    /// `1,234,567`
    static func grouped(_ number: Int) -> String {
        var text = ""
        for (index, digit) in String(number).reversed().enumerated() {
            if index > 0, index.isMultiple(of: 3), digit != "-" { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// `0:42`, `12:05`, `3:07:12`
    static func clock(_ milliseconds: Int64) -> String {
        let seconds = max(milliseconds, 0) / 1_000
        let tail = "\(seconds / 60 % 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60)"
        if seconds < 3_600 { return tail }
        return "\(seconds / 3_600):" + (seconds / 60 % 60 < 10 ? "0" : "") + tail
    }
}
