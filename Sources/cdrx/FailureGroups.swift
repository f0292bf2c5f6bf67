import ExportModel
import ExportRun
import RunLedger

/// What failed, a group for each stream and reason: one dead secret fails a hundred windows.
struct FailureGroups {
    private struct Key: Hashable {
        var stream: String
        var state: ReportedState
        var code: String
    }

    /// Windows that failed alike.
    struct Group {
        var stream: String
        var state: ReportedState
        var code: String
        var accounts: Set<String> = []
        var count = 0
        var first: String
        var last: String
        /// Of the last one.
        var message: String

        /// The account's name, or how many they are.
        var accountText: String {
            accounts.count == 1 ? accounts.first ?? "" : "\(accounts.count)"
        }
    }

    /// Lines that are printed.
    private static let maximumLineCount = 20

    /// In the order in which they were met.
    private(set) var groups: [Group] = []
    private var places: [Key: Int] = [:]

    mutating func add(_ window: CoveredWindow) {
        guard window.state.isFailure, let failure = window.record?.failure else { return }
        let key = Key(stream: window.stream, state: window.state, code: failure.code)
        if places[key] == nil {
            places[key] = groups.count
            groups.append(
                Group(
                    stream: window.stream, state: window.state, code: failure.code,
                    first: window.window, last: window.window, message: failure.message))
        }
        guard let place = places[key] else { return }
        groups[place].accounts.insert(window.account)
        groups[place].count += 1
        groups[place].last = window.window
        groups[place].message = failure.message
    }

    func print(_ terminal: Terminal) {
        if groups.isEmpty { return }
        let isNarrow = terminal.isNarrow
        var table = TextTable(
            [("STREAM", .left), ("STATE", .fixed), ("WINDOWS", .right), ("ACCOUNTS", .left)]
                + (isNarrow ? [] : [("FIRST", .fixed)])
                + [("LAST", .fixed), ("FAILURE", .left)])
        for group in groups.prefix(Self.maximumLineCount) {
            table.append(
                [group.stream, group.state.words, "\(group.count)", group.accountText]
                    + (isNarrow ? [] : [group.first])
                    + [group.last, "\(group.code): \(group.message)"])
        }
        Console.printData("")
        table.print(fitting: terminal.columnCount)
        let rest = groups.count - Self.maximumLineCount
        if rest > 0 { Console.printData("and \(rest, "line") more; `--failed` lists the windows") }
    }
}
