import ExportModel

/// Reads which columns are written, and checks the choice against the streams.
enum ColumnSelectionReader {
    private static let sets = ["unified": ColumnPick.unified, "native": .native]

    static func read(_ item: YAMLValue) -> ColumnSelection? {
        let forms = "`unified`, `native` or a list of columns"
        guard !item.isScalar else {
            guard let scalar = item.scalar(as: forms) else { return nil }
            switch scalar.text {
            case "unified": return .unified
            case "native": return .native
            default:
                let suggestion =
                    scalar.hasReferences
                    ? "" : NearestName.suggestion(for: scalar.text, among: sets.keys.sorted())
                item.fail("\(item.name) must be \(forms), not \(scalar.quoted)\(suggestion)")
                return nil
            }
        }
        guard let picked = item.each(of: "columns", pick) else { return nil }
        guard !picked.isEmpty else {
            item.fail("\(item.name) must name at least one column")
            return nil
        }
        let names = picked.map(\.value.outputName)
        for (index, pick) in picked.enumerated() {
            guard case .column(let name, let outputName) = pick.value,
                names[..<index].contains(outputName)
            else { continue }
            item.context.findings.add(
                .error, pick.location,
                "two columns would be called `\(outputName)`; rename one: `{\(name): other_name}`")
            return nil
        }
        return ColumnSelection(picked.map(\.value))
    }

    /// `call_id`, `{from_number: caller}`, or the name of a set of columns.
    private static func pick(_ item: YAMLValue) -> Located<ColumnPick>? {
        guard item.isMapping else {
            return item.text("a column").map {
                Located(value: sets[$0] ?? .column($0, as: $0), location: item.location)
            }
        }
        guard let entries = item.entries(of: "columns") else { return nil }
        guard let entry = entries.first, entries.count == 1 else {
            item.fail("\(item.name) must rename one column, as in `{from_number: caller}`")
            return nil
        }
        return entry.value.text("the new name").map {
            Located(value: .column(entry.name, as: $0), location: item.location)
        }
    }
}

extension ColumnPick {
    /// nil for a set of columns.
    fileprivate var outputName: String? {
        if case .column(_, let name) = self { name } else { nil }
    }
}
