import ExportModel

/// Resolves the pipeline's choice of columns for one stream, with what the stream says for derived
/// ones.
struct ColumnPlanReader {
    /// nil where `output.columns` is mistaken.
    let selection: ColumnSelection?
    /// nil where nothing is said, or `output` is mistaken.
    let item: YAMLValue?
    /// nil where `output.partition` is mistaken.
    let partition: PartitionLayout?
    /// Of the pipeline; nil where it is mistaken.
    let zone: SourceZone?

    /// The output columns of one stream; nil (and a finding for each mistake) if there is one.
    func read(
        _ mapping: MappingReader, endpoint: Endpoint?, stream: String, accountCount: Int
    ) -> ColumnPlan? {
        let errors = mapping.item.context.findings.errorCount
        let numbers = mapping.value("numbers").flatMap(Self.numbers)
        let currency = mapping.value("currency").flatMap(Self.currency)
        warnOfUnused(mapping)
        guard let endpoint, let selection, let zone,
            mapping.item.context.findings.errorCount == errors
        else { return nil }
        let settings = DerivationSettings(zone: zone, numbers: numbers, currency: currency)
        let problems = ColumnPlan.problems(of: selection, on: endpoint, settings)
        for problem in problems { report(problem, of: endpoint, stream: stream, mapping) }
        checkAccounts(accountCount, of: stream)
        return ColumnPlan(selection, of: endpoint, settings)
    }

    private static func numbers(_ item: YAMLValue) -> NumberForm? {
        let forms = "`international`, or a country by its two letters, as in `IN`"
        guard let scalar = item.scalar(as: forms) else { return nil }
        if let form = NumberForm(scalar.text) { return form }
        let isCountry = scalar.text.utf8.count == 2 && scalar.text.allSatisfy(\.isUppercase)
        item.fail(
            "\(item.name) must be \(forms), not \(scalar.quoted)"
                + (isCountry && !scalar.hasReferences
                    ? ": cdrx has no rules for its numbers, or there is no such country" : ""))
        return nil
    }

    private static func currency(_ item: YAMLValue) -> String? {
        guard let text = item.text("a currency") else { return nil }
        guard text.utf8.count == 3, text.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            item.fail("\(item.name) must be three capital letters (ISO 4217), as in `INR`")
            return nil
        }
        return text
    }

    private func warnOfUnused(_ mapping: MappingReader) {
        guard let selection else { return }
        let picked = selection.picks.compactMap { pick in
            if case .column(let name, _) = pick { DerivedColumn(rawValue: name) } else { nil }
        }
        let users: [(String, [DerivedColumn])] = [
            ("numbers", [.fromE164, .toE164]), ("currency", [.currency]),
        ]
        for (key, columns) in users where !columns.contains(where: picked.contains) {
            let names = columns.map { "`\($0.rawValue)`" }.joined(separator: " or ")
            mapping.value(key)?.warn("`\(key)` has no effect: `columns` does not pick \(names)")
        }
    }

    /// The column that is called `name` by a pick.
    private static func original(_ name: String, _ pick: ColumnPick?) -> String {
        if case .column(let original, as: name) = pick { original } else { name }
    }

    private func report(
        _ problem: ColumnPlan.Problem, of endpoint: Endpoint, stream: String,
        _ mapping: MappingReader
    ) {
        let findings = mapping.item.context.findings
        let places = item.flatMap { $0.isScalar ? nil : $0.list(of: "columns") } ?? []
        let place =
            (places.indices.contains(problem.pick) ? places[problem.pick] : item)?.location
            ?? mapping.item.location
        switch problem.kind {
        case .unknown(let name):
            let available = ColumnPlan.availableNames(of: endpoint)
            findings.add(
                .error, place,
                "column `\(name)` is neither a unified nor a derived column nor a field of "
                    + "`\(endpoint.id)` (stream `\(stream)`)"
                    + NearestName.suggestion(for: name, among: available))
        case .repeated(let name):
            findings.add(
                .error, place,
                "two columns would be called `\(name)` (stream `\(stream)`); rename one: "
                    + "`{\(Self.original(name, selection?.picks[problem.pick])): other_name}`")
        case .lacksNumbers(let column):
            findings.add(
                .error, mapping.item.location,
                "stream `\(stream)` does not say what its telephone numbers are, which the column "
                    + "`\(column.rawValue)` needs: `numbers: IN` for Indian ones, or "
                    + "`numbers: international` if they begin with a country code")
        case .lacksCurrency:
            findings.add(
                .error, mapping.item.location,
                "stream `\(stream)` does not say its currency, which the column `currency` needs: "
                    + "add it, as in `currency: INR`")
        }
    }

    /// Rows of several accounts lie in one directory, so that only a column can name theirs. Whoever
    /// does not need to know may go on.
    private func checkAccounts(_ count: Int, of stream: String) {
        guard partition == .window, count > 1, let selection, let item,
            selection.outputName(of: .account) == nil
        else { return }
        let remedy =
            selection == .native ? "write `columns: [account, native]`" : "add `account` to it"
        item.warn(
            "the \(count) accounts of stream `\(stream)` share partitions, and no column of "
                + "\(item.name) says which row is whose: \(remedy), or write "
                + "`partition: account`")
    }
}
