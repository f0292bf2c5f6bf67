import ExportModel
import ExportRun
import Foundation
import Logging

/// Writes messages to stderr, a line each: as people read them, or as JSON objects.
struct ConsoleLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    private let format: ConsoleOptions.LogFormat
    private let isColoured: Bool

    init(format: ConsoleOptions.LogFormat) {
        self.format = format
        isColoured = Console.stderrIsTerminal && !Console.forbidsColour
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        switch format {
        case .text: Console.printMessage(text(event))
        case .json: Console.printMessage(json(event))
        }
    }

    private func text(_ event: LogEvent) -> String {
        let label =
            switch event.level {
            case .error, .critical: "error"
            case .warning: "warning"
            case .notice: "note"
            default: ""
            }
        if label.isEmpty { return "\(event.message)" }
        guard isColoured else { return "\(label): \(event.message)" }
        let colour = label == "error" ? "31" : label == "warning" ? "33" : "36"
        return "\u{1B}[\(colour)m\(label):\u{1B}[0m \(event.message)"
    }

    private func json(_ event: LogEvent) -> String {
        var line: [UInt8] = []
        let parts = [
            ("time", SystemClock.now().iso8601), ("level", event.level.rawValue),
            ("message", "\(event.message)"),
        ]
        for (name, value) in parts {
            line.append(line.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
            JSONText.appendQuoted(name, to: &line)
            line.append(UInt8(ascii: ":"))
            JSONText.appendQuoted(value, to: &line)
        }
        return String(decoding: line, as: UTF8.self) + "}"
    }
}
