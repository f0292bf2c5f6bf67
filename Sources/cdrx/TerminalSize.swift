import Foundation

/// How much fits a terminal.
struct TerminalSize: Hashable {
    var columns: Int
    var rows: Int

    /// Where a terminal does not say.
    static let usual = TerminalSize(columns: 80, rows: 24)

    /// Of the terminal of a descriptor, asked each time: windows are resized; nil where it is
    /// none.
    static func ofTerminal(_ descriptor: Int32) -> TerminalSize? {
        guard isatty(descriptor) == 1 else { return nil }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0
        else { return .usual }
        return TerminalSize(columns: Int(size.ws_col), rows: Int(size.ws_row))
    }
}
