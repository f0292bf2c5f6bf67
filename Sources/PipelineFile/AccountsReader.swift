import ExportModel

/// Reads the accounts of one stream, inline or from a CSV file.
struct AccountsReader {
    /// nil where the stream's endpoint is not known.
    let endpoint: Endpoint?
    let files: FileAccess

    static let nameForm =
        "letters, digits, `.`, `-` and `_`, not starting with `.` or `_`, "
        + "since it names a directory"

    /// The accounts that could be read, in order.
    func read(_ item: YAMLValue) -> [Account] {
        if item.isMapping { return readFile(item) }
        guard let items = item.list(of: "accounts (or `{file: accounts.csv}`)") else { return [] }
        if items.isEmpty { item.fail("\(item.name) must have at least one account") }
        var names: Set<String> = []
        return items.compactMap { item in
            guard
                let (name, account) = endpoint.map({ inline(item, CredentialRules($0)) })
                    ?? ofUnknownEndpoint(item)
            else { return nil }
            guard let name else { return nil }
            guard names.insert(name.value).inserted else {
                item.context.findings.add(
                    .error, name.location,
                    "account `\(name.value)` is given twice in this stream; names are unique")
                return nil
            }
            return account
        }
    }

    private func inline(
        _ item: YAMLValue, _ rules: CredentialRules
    ) -> (name: Located<String>?, account: Account?)? {
        guard
            let mapping = MappingReader(
                item.renamed("an account"), keys: [PipelineKeys.account] + rules.names,
                mayHoldSecrets: true)
        else { return nil }
        let name = mapping.required(
            PipelineKeys.account, remedy: "name it: the name becomes part of the output's path"
        ).flatMap(Self.name)
        var credentials: [String: Secret] = [:]
        for field in rules.names {
            guard let value = mapping.value(field) else { continue }
            credentials[field] = credential(value, of: field, rules, account: name?.value)
        }
        let given = mapping.present.map(\.value).filter { $0 != PipelineKeys.account }
        if let mistake = rules.mistake(in: given) {
            item.fail("account\(name.map { " `\($0.value)`" } ?? "") \(mistake)")
        }
        return (name, name.map { Account(name: $0.value, credentials: credentials) })
    }

    private func credential(
        _ item: YAMLValue, of field: String, _ rules: CredentialRules, account: String?
    ) -> Secret? {
        guard let scalar = item.scalar(as: "a single value", secretsFrom: files) else { return nil }
        if scalar.isUnread { return .unread }
        if let mistake = rules.mistake(in: scalar.text, of: field) {
            item.fail("\(item.name) \(mistake)")
            return nil
        }
        if !scalar.hasReferences, !rules.mayBeSeen(field) {
            item.warn(
                "\(item.name) of account\(account.map { " `\($0)`" } ?? "") stands in the file; "
                    + "keep it elsewhere and write `\"${NAME}\"`, `\"${file:…}\"` or `\"${command:…}\"`"
            )
        }
        return Secret(scalar.text)
    }

    /// Checks what can be checked without knowing the credentials' names.
    private func ofUnknownEndpoint(
        _ item: YAMLValue
    ) -> (name: Located<String>?, account: Account?)? {
        guard let entries = item.renamed("an account").entries(of: "credentials") else {
            return nil
        }
        for entry in entries where entry.name != PipelineKeys.account && !entry.value.isNull {
            _ = entry.value.scalar(as: "a single value", secretsFrom: files)
        }
        let name = entries.first { $0.name == PipelineKeys.account }.flatMap {
            Self.name($0.value)
        }
        return (name, nil)
    }

    private static func name(_ item: YAMLValue) -> Located<String>? {
        guard let text = item.text("a name") else { return nil }
        guard NameRule.isPathComponent(text) else {
            item.fail("\(item.name) must be \(nameForm)")
            return nil
        }
        return Located(value: text, location: item.location)
    }

    private func readFile(_ item: YAMLValue) -> [Account] {
        guard let mapping = MappingReader(item, keys: PipelineKeys.accountsFile),
            let file = mapping.required("file", remedy: "name a CSV file"),
            let path = file.text("a path")
        else { return [] }
        let resolved = files.resolve(path)
        guard let bytes = files.read(resolved, namedBy: file), let endpoint else { return [] }
        var reader = AccountsFile(
            bytes, path: resolved, rules: CredentialRules(endpoint), files: files,
            context: item.context)
        return reader.read()
    }
}
