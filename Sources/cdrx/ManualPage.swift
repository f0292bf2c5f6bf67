/// The man page, in the macros of man(7): what the commands say of themselves, and what is common
/// to all of them.
struct ManualPage {
    private let program: CommandInfo

    init(_ program: CommandInfo) {
        self.program = program
    }

    /// The page as roff.
    var text: String {
        var page = RoffPage()
        page.title("CDRX", section: 1, date: CDRX.versionDate, source: "cdrx \(CDRX.version)")
        page.section("NAME")
        page.name("cdrx", "export call detail records into verified partitions")
        page.section("SYNOPSIS")
        page.command("cdrx", "command [argument ...] [option ...]")
        page.section("DESCRIPTION")
        page.prose(program.discussion ?? "")
        page.section("COMMANDS")
        for command in program.subcommands ?? [] where command.commandName != "help" {
            append(command, path: ["cdrx"], to: &page)
        }
        page.section("EXIT STATUS")
        for exit in ExitMeaning.all { page.item(exit.code, exit.meaning) }
        page.section("ENVIRONMENT")
        for (name, meaning) in Self.environment { page.item(name, meaning) }
        page.section("FILES")
        for (name, meaning) in Self.files { page.item(name, meaning) }
        page.section("EXAMPLES")
        page.prose(Self.examples)
        return page.text
    }

    private func append(_ command: CommandInfo, path: [String], to page: inout RoffPage) {
        let path = path + [command.commandName]
        if let subcommands = command.subcommands, !subcommands.isEmpty {
            for subcommand in subcommands { append(subcommand, path: path, to: &page) }
            return
        }
        let arguments = (command.arguments ?? []).filter { argument in
            // Every command has them.
            argument.shouldDisplay && !Self.common.contains(argument.names?.last?.name ?? "")
        }
        let positional = arguments.filter { $0.kind == .positional }
        let options = arguments.filter { $0.kind != .positional }
        let synopsis = positional.map { argument in
            let name = (argument.valueName ?? "value") + (argument.isRepeating ? " ..." : "")
            return argument.isOptional ? "[\(name)]" : name
        }
        page.subsection(
            (path + synopsis + (options.isEmpty ? [] : ["[option ...]"])).joined(separator: " "))
        page.prose(command.abstract ?? "")
        if let discussion = command.discussion { page.prose(discussion) }
        for argument in options { page.item(Self.heading(argument), Self.text(argument)) }
    }

    private static let common: Set<String> = ["help", "version"]

    private static func heading(_ argument: ArgumentInfo) -> String {
        let names = (argument.names ?? []).map(\.text).joined(separator: ", ")
        return argument.kind == .option ? "\(names) <\(argument.valueName ?? "value")>" : names
    }

    private static func text(_ argument: ArgumentInfo) -> String {
        let values = argument.allValues.map { "one of " + $0.joined(separator: ", ") }
        let isOption = argument.kind == .option
        let standard = argument.defaultValue.flatMap { isOption ? "default \($0)" : nil }
        let facts = [values, standard].compactMap { $0 }.joined(separator: "; ")
        return (argument.abstract ?? "") + (facts.isEmpty ? "" : " (\(facts))")
    }

    private static let environment = [
        ("NO_COLOR", "No color on a terminal, where set to anything but the empty text."),
        ("HTTPS_PROXY, http_proxy, NO_PROXY", "Proxies for requests to providers."),
        ("SSL_CERT_FILE", "The authorities that are trusted, unless extract.ca_file names others."),
        ("NAME", "Whatever a pipeline file refers to as ${NAME}."),
    ]

    private static let files = [
        ("pipeline.yaml", "What to export; `cdrx init` writes one."),
        ("<output.path>/<stream>/dt=2026-11-19/", "A partition, with _manifest.json and _SUCCESS."),
        ("<output.path>/_runs/", "What each run published."),
        ("<output.path>/_state/", "Ledger, archive and lock, unless state names another place."),
    ]

    private static let examples = """
        Examples:
          cdrx validate nightly.yaml
          cdrx run nightly.yaml
          cdrx backfill nightly.yaml --from 2025-01-01 --to 2026-01-01
          cdrx status nightly.yaml
          cdrx help
        """
}
