import ExportModel
import ExportRun
import Foundation
import Logging

/// Writes messages to stderr, a line each: as people read them, or as JSON objects.
struct ConsoleLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    private let format: ConsoleOptions.LogFormat
    private let isTimed: Bool

    /// - Parameter isTimed: whether text has the time.
    init(format: ConsoleOptions.LogFormat, isTimed: Bool) {
        self.format = format
        self.isTimed = isTimed
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let now = SystemClock.now()
        switch format {
        case .text:
            Console.printMessage(
                LogLine.text(
                    RunEvent.Level(event.level), "\(event.message)", at: isTimed ? now : nil))
        case .json:
            var object = JSONObject()
            object.add("time", now.iso8601)
            object.add("level", RunEvent.Level(event.level).name)
            object.add("event", "message")
            object.add("message", "\(event.message)")
            Console.printMessage(String(decoding: object.bytes, as: UTF8.self))
        }
    }
}

extension RunEvent.Level {
    /// The same as swift-log has it.
    init(_ level: Logger.Level) {
        self =
            switch level {
            case .critical, .error: .error
            case .warning: .warning
            case .notice: .notice
            case .info: .info
            case .debug, .trace: .debug
            }
    }
}
