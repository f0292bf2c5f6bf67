import ArgumentParser
import BoundedDispatch
import Foundation

/// The process's two outputs. Lines of several threads do not mix.
///
/// A reader that goes away (`cdrx status … | head`) ends the printing, never the export. Data that
/// cannot be written for another reason ends the process with ``ProcessExit/unwritable``: a script
/// or a list that was cut must not look whole.
enum Console {
    private static let progress = Guarded(ProgressBlock())

    static var stderrIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// The NO_COLOR convention: set to anything but the empty text.
    static var forbidsColour: Bool {
        !(ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
    }

    /// Makes a closed pipe an error of `write` instead of a signal that kills. Once, at the start.
    static func survivesClosedPipes() {
        signal(SIGPIPE, SIG_IGN)
    }

    /// A line of data.
    static func printData(_ line: String) {
        printText(line + "\n")
    }

    /// Lines of data that end with a line break.
    static func printText(_ text: String) {
        printData(Array(text.utf8))
    }

    /// Lines of data as UTF-8; each ends with a line break.
    static func printData(_ lines: [UInt8]) {
        guard let failure = write(lines, to: STDOUT_FILENO), failure != EPIPE else { return }
        printMessage(
            "error: the output cannot be written: \(String(cString: strerror(failure))); "
                + "what was exported stays, so print it again with another destination")
        exit(ProcessExit.unwritable.rawValue)
    }

    /// A line of talk; lines of progress below it stay the last ones.
    static func printMessage(_ line: String) {
        progress.withLock { block in
            let columns = block.lines.isEmpty ? 0 : stderrColumns
            _ = write(block.insert(line, columns: columns), to: STDERR_FILENO)
        }
    }

    /// Replaces the lines of progress; none removes them. Only for terminals.
    static func showProgress(_ lines: [String]) {
        progress.withLock { block in
            let text = block.replace(by: lines, columns: stderrColumns)
            if !text.isEmpty { _ = write(text, to: STDERR_FILENO) }
        }
    }

    private static var stderrColumns: Int {
        TerminalSize.ofTerminal(STDERR_FILENO)?.columns ?? TerminalSize.usual.columns
    }

    private static func write(_ text: String, to descriptor: Int32) -> Int32? {
        write(Array(text.utf8), to: descriptor)
    }

    /// - Returns: the system's `errno` where not all was written.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                if count < 0 { return errno }
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
            }
            return nil
        }
    }
}
