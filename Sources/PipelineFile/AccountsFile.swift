import ExportModel

/// Reads a CSV file of accounts: a header `account` and the credentials' names, an account a line.
///
/// Credentials may be references, as in the pipeline file; paths in them are relative to that.
struct AccountsFile {
    private var records: CSVRecords
    private let path: String
    private let rules: CredentialRules
    private let files: FileAccess
    private let environment: [String: String]
    private let findings: Findings

    /// - Parameter context: of the pipeline file.
    init(
        _ bytes: [UInt8], path: String, rules: CredentialRules, files: FileAccess,
        context: ReadingContext
    ) {
        records = CSVRecords(bytes)
        self.path = path
        self.rules = rules
        self.files = files
        environment = context.environment ?? [:]
        findings = context.findings
    }

    /// The accounts of lines without a mistake, in the file's order.
    mutating func read() -> [Account] {
        var accounts: [Account] = []
        do throws(CSVRecords.Failure) {
            guard let header = try records.next() else {
                fail(1, "the file is empty; its first line names `account` and the credentials")
                return []
            }
            guard let columns = columns(of: header) else { return [] }
            var names: Set<String> = []
            while let record = try records.next() {
                guard let account = account(record, columns: columns) else { continue }
                guard names.insert(account.name).inserted else {
                    fail(record.line, "account `\(account.name)` is given twice; names are unique")
                    continue
                }
                accounts.append(account)
            }
            if accounts.isEmpty, !findings.hasErrors {
                fail(header.line, "the file has no accounts")
            }
        } catch {
            fail(error.line, error.message)
        }
        return accounts
    }

    /// The names in the header, without surrounding spaces; nil if they are no way in.
    private func columns(of header: CSVRecords.Record) -> [String]? {
        let errors = findings.errorCount
        let names = header.values.map { $0.trimmingSpaces() }
        let known = [PipelineKeys.account] + rules.names
        for (index, name) in names.enumerated() {
            if !known.contains(name) {
                // A value in the first line may be a secret: a file without a header.
                let suggestion = NearestName.suggestion(for: name, among: known)
                fail(
                    header.line,
                    "column \(index + 1) of the header is unknown"
                        + (suggestion.isEmpty
                            ? "; known are \(known.map { "`\($0)`" }.joined(separator: ", "))"
                            : suggestion))
            } else if names[..<index].contains(name) {
                fail(header.line, "the header names `\(name)` twice")
            }
        }
        if !names.contains(PipelineKeys.account) {
            fail(header.line, "the header lacks `account`")
        }
        if findings.errorCount == errors,
            let mistake = rules.mistake(in: names.filter { $0 != PipelineKeys.account })
        {
            fail(header.line, "the header \(mistake)")
        }
        return findings.errorCount == errors ? names : nil
    }

    private func account(_ record: CSVRecords.Record, columns: [String]) -> Account? {
        guard record.values.count == columns.count else {
            fail(
                record.line,
                "the line has \(record.values.count) values, the header \(columns.count)")
            return nil
        }
        var name: String?
        var credentials: [String: Secret] = [:]
        for (column, value) in zip(columns, record.values) {
            if column == PipelineKeys.account {
                name = value
            } else {
                credentials[column] = credential(value, column: column, line: record.line)
            }
        }
        guard let name, NameRule.isPathComponent(name) else {
            fail(record.line, "`account` must be \(AccountsReader.nameForm)")
            return nil
        }
        return credentials.count == columns.count - 1
            ? Account(name: name, credentials: credentials) : nil
    }

    private func credential(_ value: String, column: String, line: Int) -> Secret? {
        let place = SourceLocation(file: path, line: line, column: 1)
        let secrets = SecretReader(files: files) {
            findings.add(.warning, place, "`\(column)`: \($0)")
        }
        do {
            let expansion = try EnvironmentReference.expand(
                value, environment: environment, secrets: secrets)
            if expansion.isUnread { return .unread }
            guard let mistake = rules.mistake(in: expansion.text, of: column)
            else { return Secret(expansion.text) }
            fail(line, "`\(column)` \(mistake)")
        } catch {
            fail(line, "`\(column)`: \(error.message)")
        }
        return nil
    }

    private func fail(_ line: Int, _ message: String) {
        findings.add(.error, SourceLocation(file: path, line: line, column: 1), message)
    }
}

extension String {
    fileprivate func trimmingSpaces() -> String {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
