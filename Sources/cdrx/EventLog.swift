import ExportModel
import ExportRun

/// Writes what happens in runs to stderr, a line each: for people, or as JSON objects.
struct EventLog: Sendable {
    let format: ConsoleOptions.LogFormat
    /// Events below it are left out.
    let leastLevel: RunEvent.Level

    /// Whether progress is drawn beside it.
    var isDrawing: Bool { format == .text && Console.stderrIsTerminal && leastLevel <= .info }

    func write(_ event: RunEvent) {
        guard event.level >= leastLevel else { return }
        // Where progress is drawn, it shows what is published.
        if isDrawing, event.name == .partitionPublished, leastLevel > .debug { return }
        let now = SystemClock.now()
        switch format {
        case .text: Console.printMessage(Self.text(event, at: now))
        case .json: Console.printMessage(Self.json(event, at: now))
        }
    }

    /// As people read it.
    private static func text(_ event: RunEvent, at moment: Timestamp) -> String {
        let subject = event.subject.text
        var text = subject.isEmpty ? event.message : "\(subject): \(event.message)"
        if event.level >= .warning, case .text(let code) = event.value(of: .code) {
            text += " [\(code)]"
        }
        return LogLine.text(event.level, text, at: moment)
    }

    /// One JSON object (`pipelines/log-event.schema.json`).
    static func json(_ event: RunEvent, at moment: Timestamp) -> String {
        var object = JSONObject()
        object.add("time", moment.iso8601)
        object.add("level", event.level.name)
        object.add("event", event.name.rawValue)
        let names: [(String, String?)] = [
            ("run", event.runID), ("pipeline", event.pipeline), ("stream", event.subject.stream),
            ("account", event.subject.account), ("window", event.subject.window),
        ]
        for (name, value) in names where value != nil { object.add(name, value) }
        object.add("message", event.message)
        for (field, value) in event.fields { object.add(field.rawValue, value) }
        return String(decoding: object.bytes, as: UTF8.self)
    }
}

/// A line of the text log.
enum LogLine {
    /// The time, what kind of message it is where that matters, and the message.
    static func text(_ level: RunEvent.Level, _ message: String, at moment: Timestamp?) -> String {
        let label =
            switch level {
            case .error: "error"
            case .warning: "warning"
            case .notice: "note"
            case .info, .debug: ""
            }
        let time = moment.map { Self.time($0) + " " } ?? ""
        if label.isEmpty { return time + message }
        guard Console.stderrIsTerminal, !Console.forbidsColour else {
            return "\(time)\(label): \(message)"
        }
        let colour = level == .error ? "31" : level == .warning ? "33" : "36"
        return "\(time)\u{1B}[\(colour)m\(label):\u{1B}[0m \(message)"
    }

    /// UTC; on a terminal, which somebody is looking at, without the date.
    private static func time(_ moment: Timestamp) -> String {
        let text = moment.iso8601.prefix(19)
        return (Console.stderrIsTerminal ? text.dropFirst(11) : text) + "Z"
    }
}

extension JSONObject {
    fileprivate mutating func add(_ name: String, _ value: RunEvent.Value) {
        switch value {
        case .count(let count): add(name, count)
        case .milliseconds(let time): add(number: SecondsText.exact(time), as: name)
        case .decimal(let number):
            add(number: SecondsText.exact(Int64((number * 1_000).rounded())), as: name)
        case .text(let text): add(name, text)
        case .flag(let flag): add(name, flag)
        case .list(let texts): add(name, texts)
        }
    }
}
