import ArgumentParser

/// `cdrx completions SHELL`
struct CompletionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "completions",
        abstract: "Print a completion script for a shell.",
        discussion: """
            Examples:
              cdrx completions bash > ~/.local/share/bash-completion/completions/cdrx
              cdrx completions zsh > ~/.zfunc/_cdrx
              cdrx completions fish > ~/.config/fish/completions/cdrx.fish

            A package installs them as /usr/share/bash-completion/completions/cdrx, \
            /usr/share/zsh/vendor-completions/_cdrx and \
            /usr/share/fish/vendor_completions.d/cdrx.fish.
            """)

    @Argument(help: "The shell.")
    var shell: ShellName

    func run() {
        Console.printData(CDRX.completionScript(for: shell.shell))
    }
}

/// A shell on the command line.
struct ShellName: ExpressibleByArgument {
    static var allValueStrings: [String] { CompletionShell.allCases.map(\.rawValue).sorted() }

    let shell: CompletionShell

    init?(argument: String) {
        guard let shell = CompletionShell(rawValue: argument) else { return nil }
        self.shell = shell
    }
}
