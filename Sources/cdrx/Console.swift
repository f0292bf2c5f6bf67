import Foundation
import Synchronization

/// The process's two outputs. Lines of several threads do not mix.
enum Console {
    private static let progress = Mutex("")

    static var stderrIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// The NO_COLOR convention: set to anything but the empty text.
    static var forbidsColour: Bool {
        !(ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
    }

    /// A line of data.
    static func printData(_ line: String) {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    /// A line of talk; a progress line below it stays the last one.
    static func printMessage(_ line: String) {
        progress.withLock { shown in
            let clear = shown.isEmpty ? "" : "\r\u{1B}[K"
            FileHandle.standardError.write(Data((clear + line + "\n" + shown).utf8))
        }
    }

    /// Replaces the progress line; the empty text removes it. Only for terminals.
    static func showProgress(_ line: String) {
        progress.withLock { shown in
            if shown.isEmpty && line.isEmpty { return }
            shown = line
            FileHandle.standardError.write(Data(("\r\u{1B}[K" + line).utf8))
        }
    }
}
