import ArgumentParser
import ExportModel
import ExportRun

/// `cdrx help TOPIC` for what is no command: a code, an exit code, or `codes` for all of them.
///
/// ArgumentParser's own `help` takes commands only, and a command of that name would come twice in
/// its help and its completion scripts.
struct HelpTopic {
    private let text: String

    /// nil where arguments ask for something else.
    init?(_ arguments: [String]) throws {
        guard arguments.count == 2, arguments[0] == "help" else { return nil }
        let topic = arguments[1]
        if let found = Self.code(topic) ?? Self.exitCode(topic) {
            text = found
        } else if topic == "codes" {
            text = CodeReference.markdown
        } else {
            let commands = try CommandInfo.program().subcommands?.map(\.commandName) ?? []
            if commands.contains(topic) || topic.hasPrefix("-") { return nil }
            let known = commands + ["codes"] + CodeTable.groups.flatMap(\.entries).map(\.text)
            let suggestion = NearestName.suggestion(for: topic, among: known)
            throw ValidationError(
                "there is no command and no code '\(topic)'"
                    + (suggestion.isEmpty ? "; `cdrx help codes` lists the codes" : suggestion))
        }
    }

    func print() {
        Console.printData(text)
    }

    private static func code(_ topic: String) -> String? {
        guard let entry = CodeTable.entry(topic) else { return nil }
        return "\(topic)\n\n\(entry.explanation.meaning)\nWhat to do: \(entry.explanation.remedy)"
    }

    private static func exitCode(_ topic: String) -> String? {
        let found = ExitMeaning.all.first { $0.code.split(separator: ", ").contains(topic[...]) }
        return found.map { "exit code \(topic)\n\n\($0.meaning)" }
    }
}

/// The reference of all codes.
enum CodeReference {
    /// `pipelines/CODES.md`; its test compares the two.
    static var markdown: String {
        var lines = [
            "# Codes", "",
            "What `cdrx help CODE` prints. This page is what `cdrx help codes` prints: both are made "
                + "from the declarations in the code.",
        ]
        for group in CodeTable.groups {
            lines += ["", "## \(group.title)", "", "They appear \(group.place).", ""]
            lines += ["| code | meaning | what to do |", "|---|---|---|"]
            lines += group.entries.map {
                "| `\($0.text)` | \($0.explanation.meaning) | \($0.explanation.remedy) |"
            }
        }
        lines += ["", "## Exit codes", "", "| code | meaning |", "|---|---|"]
        lines += ExitMeaning.all.map { "| \($0.code) | \($0.meaning) |" }
        return lines.joined(separator: "\n")
    }
}
