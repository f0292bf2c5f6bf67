import Foundation

/// What the screen that data are printed on can show.
struct Terminal {
    /// Characters in a line; nil where the output is no terminal, and lines may be as long as they
    /// are.
    let columnCount: Int?
    let isColored: Bool
    /// Whether characters beyond ASCII may be printed.
    let isUnicode: Bool

    /// Whether tables must do without what is of less use.
    var isNarrow: Bool { columnCount.map { $0 < 100 } ?? false }

    /// The terminal on stdout, if there is one.
    static func standardOutput() -> Terminal {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        return Terminal(
            columnCount: TerminalSize.ofTerminal(STDOUT_FILENO)?.columns,
            isColored: isTerminal && !Console.forbidsColour,
            isUnicode: isUnicode(ProcessInfo.processInfo.environment))
    }

    /// By the first of these variables that is set, as the C library reads them.
    static func isUnicode(_ environment: [String: String]) -> Bool {
        let names = ["LC_ALL", "LC_CTYPE", "LANG"]
        let locale = names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        return locale.lowercased().replacing("-", with: "").hasSuffix("utf8")
    }
}
