import ArgumentParser
import Foundation

/// A command as ArgumentParser describes it: what the man page prints and what typos are compared
/// with.
struct CommandInfo: Decodable {
    let commandName: String
    let abstract: String?
    let discussion: String?
    let subcommands: [CommandInfo]?
    let arguments: [ArgumentInfo]?

    /// The whole program.
    static func program() throws -> CommandInfo {
        struct Dump: Decodable {
            let command: CommandInfo
        }
        return try JSONDecoder().decode(Dump.self, from: Data(CDRX._dumpHelp().utf8)).command
    }

    /// The command that arguments name, from the first on; its path, itself not included.
    func resolved(_ arguments: [String]) -> (command: CommandInfo, path: [String]) {
        guard let name = arguments.first,
            let next = subcommands?.first(where: { $0.commandName == name })
        else { return (self, []) }
        let (command, path) = next.resolved(Array(arguments.dropFirst()))
        return (command, [name] + path)
    }
}

/// A positional argument, an option with a value, or a flag.
struct ArgumentInfo: Decodable {
    enum Kind: String, Decodable {
        case positional, option, flag
    }

    struct Name: Decodable {
        enum Kind: String, Decodable {
            case long, short, longWithSingleDash
        }

        let kind: Kind
        let name: String

        /// As it is typed.
        var text: String { (kind == .long ? "--" : "-") + name }
    }

    let kind: Kind
    let shouldDisplay: Bool
    let isOptional: Bool
    let isRepeating: Bool
    let names: [Name]?
    let valueName: String?
    let defaultValue: String?
    let allValues: [String]?
    let abstract: String?
}
