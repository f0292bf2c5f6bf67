/// Where a credential comes from, besides the environment: `${file:…}` or `${command:…}`.
enum SecretReference: Equatable {
    case file(String)
    case command(String)

    /// The reference that a text begins with, and its length; nil if it begins with none.
    ///
    /// Braces inside are balanced, so that `${command:awk '{print $2}' keys}` is one reference.
    /// `${file:-x}` is the variable `file` with a default.
    static func first(
        in text: Substring
    ) throws(EnvironmentReference.Failure) -> (reference: SecretReference, rest: Substring)? {
        for (opening, make) in [("${file:", Self.file), ("${command:", Self.command)] {
            guard text.hasPrefix(opening) else { continue }
            let content = text.dropFirst(opening.count)
            if content.first == "-" { continue }
            var depth = 1
            for index in content.indices {
                if content[index] == "{" { depth += 1 }
                if content[index] == "}" { depth -= 1 }
                guard depth == 0 else { continue }
                let named = trimmed(content[..<index])
                guard !named.isEmpty else {
                    throw EnvironmentReference.Failure(
                        message: "`\(opening)}` names nothing; write `\(opening)…}`")
                }
                return (make(named), content[content.index(after: index)...])
            }
            throw EnvironmentReference.Failure(
                message: "`\(opening)` is not closed; write `\(opening)…}`, with a `}` for each "
                    + "`{` inside")
        }
        return nil
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}

/// Reads what secret references name.
struct SecretReader {
    let files: FileAccess
    /// Called with the remedy where a secret could be read by others.
    let warn: (String) -> Void

    /// The secret without the line breaks at its end; nil where commands are not run.
    ///
    /// A message names a file, but no command: it may hold a secret, and its line says which it is.
    func value(
        of reference: SecretReference
    ) throws(EnvironmentReference.Failure) -> String? {
        switch reference {
        case .file(let path):
            let path = files.resolve(path)
            let bytes: [UInt8]
            do {
                bytes = try files.contents(path)
            } catch {
                throw EnvironmentReference.Failure(
                    message: FileAccess.reason(error, path: path)
                        + "; check the path (it is relative to the pipeline file) and its mode")
            }
            let text = try Self.text(bytes, from: "`\(path)`")
            if files.machine.isReadableByOthers(path) {
                warn("`\(path)` can be read by every user of this machine; `chmod 600` it")
            }
            return text
        case .command(let command):
            guard let run = files.machine.runCommand else { return nil }
            switch run(command) {
            case .printed(let bytes): return try Self.text(bytes, from: "what the command printed")
            case .failed(let reason):
                throw EnvironmentReference.Failure(
                    message: "the command \(reason); run it by hand to see what it needs")
            }
        }
    }

    private static func text(
        _ bytes: [UInt8], from source: String
    ) throws(EnvironmentReference.Failure) -> String {
        let end = bytes.lastIndex { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard let end else {
            throw EnvironmentReference.Failure(
                message: "\(source) is empty; a secret must be in it")
        }
        let limit = MachineAccess.secretByteLimit
        guard bytes.count <= limit else {
            throw EnvironmentReference.Failure(
                message: "\(source) has more than \(limit >> 10) KiB, so it is no secret")
        }
        guard let text = String(validating: bytes[...end], as: UTF8.self) else {
            throw EnvironmentReference.Failure(
                message: "\(source) is not UTF-8; a secret must be text")
        }
        guard !text.utf8.contains(UInt8(ascii: "\n")) else {
            throw EnvironmentReference.Failure(
                message: "\(source) has several lines, and a secret is one; take the right one, as "
                    + "in `${command:pass show x | head -n 1}`")
        }
        return text
    }
}
