import ExportModel

/// Reads which columns are written, and checks the choice against the streams.
enum ColumnSelectionReader {
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
                    ? ""
                    : NearestName.suggestion(for: scalar.text, among: ["unified", "native"])
                item.fail("\(item.name) must be \(forms), not \(scalar.quoted)\(suggestion)")
                return nil
            }
        }
        guard let picked = item.each(of: "columns", pick) else { return nil }
        guard !picked.isEmpty else {
            item.fail("\(item.name) must name at least one column")
            return nil
        }
        for (index, pick) in picked.enumerated()
        where picked[..<index].contains(where: { $0.value.outputName == pick.value.outputName }) {
            item.context.findings.add(
                .error, pick.location,
                "two columns would be called `\(pick.value.outputName)`; "
                    + "rename one: `{\(pick.value.name): other_name}`")
        }
        return .list(picked.map(\.value))
    }

    /// `call_id`, or `{from_number: caller}`.
    private static func pick(_ item: YAMLValue) -> Located<PickedColumn>? {
        guard item.isMapping else {
            return item.text("a column").map {
                Located(value: PickedColumn(name: $0, outputName: $0), location: item.location)
            }
        }
        guard let entries = item.entries(of: "columns") else { return nil }
        guard let entry = entries.first, entries.count == 1 else {
            item.fail("\(item.name) must rename one column, as in `{from_number: caller}`")
            return nil
        }
        return entry.value.text("the new name").map {
            Located(
                value: PickedColumn(name: entry.name, outputName: $0), location: item.location)
        }
    }

    /// The output columns of one stream; nil (and a finding for each name) if it lacks one.
    static func plan(
        _ selection: ColumnSelection, of endpoint: Endpoint, stream: String, item: YAMLValue?
    ) -> ColumnPlan? {
        if let plan = ColumnPlan(selection, of: endpoint) { return plan }
        guard case .list(let picked) = selection, let item else { return nil }
        let available = ColumnPlan.availableNames(of: endpoint)
        let places = item.list(of: "columns")?.map(\.location) ?? []
        for (index, pick) in picked.enumerated() where !available.contains(pick.name) {
            item.context.findings.add(
                .error, places.indices.contains(index) ? places[index] : item.location,
                "column `\(pick.name)` is neither a unified column nor a field of "
                    + "`\(endpoint.id)` (stream `\(stream)`)"
                    + NearestName.suggestion(for: pick.name, among: available))
        }
        return nil
    }
}
