import ArgumentParser
import ExportModel
import ExportRun
import Foundation

/// What ends the program when a command throws: message, exit code, and for a wrong command line
/// the nearest name of what was misspelt.
struct CommandFailure {
    let error: any Error
    /// Without the program's name.
    let arguments: [String]

    /// Prints and exits.
    func exit() -> Never {
        if let error = error as? ExportError {
            Console.printMessage("error: \(error.message) [\(error.code)]")
            CDRX.exit(withError: error.exitCode)
        }
        guard CDRX.exitCode(for: error) == .validationFailure else { CDRX.exit(withError: error) }
        let message = CDRX.message(for: error)
        guard !message.isEmpty, let program = try? CommandInfo.program() else {
            CDRX.exit(withError: error)
        }
        let (command, path) = program.resolved(arguments)
        let rest = Array(arguments.dropFirst(path.count))
        // ArgumentParser's own command has nothing to say of itself.
        let isHelp = path == ["help"]
        let name = (["cdrx"] + (isHelp ? [] : path)).joined(separator: " ")
        let typo =
            Self.unknownCommand(of: command, name, rest)
            ?? Self.unknownOption(of: command, name, rest)
        Console.printMessage("error: \(typo ?? message)")
        if typo == nil, !isHelp, let usage = Self.usage(path) {
            Console.printMessage("usage: \(usage)")
        }
        Console.printMessage("See '\(name) --help'.")
        Foundation.exit(ExitCode.validationFailure.rawValue)
    }

    /// A word in the place of a subcommand that is none.
    private static func unknownCommand(
        of command: CommandInfo, _ name: String, _ rest: [String]
    ) -> String? {
        let known = (command.subcommands ?? []).map(\.commandName)
        guard !known.isEmpty, let word = rest.first, !word.hasPrefix("-") else { return nil }
        return "\(name) has no command '\(word)'" + NearestName.remedy(for: word, among: known)
    }

    /// The first `--name` that the command does not have.
    private static func unknownOption(
        of command: CommandInfo, _ name: String, _ rest: [String]
    ) -> String? {
        let known = (command.arguments ?? []).flatMap { $0.names ?? [] }.map(\.text)
        for word in rest.prefix(while: { $0 != "--" }) where word.hasPrefix("--") {
            let option = String(word.prefix { $0 != "=" })
            guard !known.contains(option) else { continue }
            let suggestion = NearestName.suggestion(for: option, among: known)
            return "\(name) has no option '\(option)'\(suggestion)"
        }
        return nil
    }

    private static func usage(_ path: [String]) -> String? {
        var type: any ParsableCommand.Type = CDRX.self
        for name in path {
            guard
                let next = type.configuration.subcommands.first(where: { $0._commandName == name })
            else { return nil }
            type = next
        }
        return CDRX.usageString(for: type)
    }
}
