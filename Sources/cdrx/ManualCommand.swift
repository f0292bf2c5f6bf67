import ArgumentParser

/// `cdrx manual`
struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Print the man page.",
        discussion: """
            Examples:
              cdrx manual | man -l -
              cdrx manual > /usr/local/share/man/man1/cdrx.1
            """)

    func run() throws {
        Console.printText(ManualPage(try CommandInfo.program()).text)
    }
}
