import ExportModel

/// Reads which request ids a stream asks for.
struct RequestListReader {
    let files: FileAccess

    /// nil where a mistake hides the list.
    func read(_ item: YAMLValue) -> RequestList? {
        guard let requests = MappingReader(item, keys: PipelineKeys.requests) else { return nil }
        let batchItem = requests.value("batch")
        let batch = batchItem?.text("a name")
        if let batch, let batchItem, !NameRule.isPathComponent(batch) {
            batchItem.fail("\(batchItem.name) must be \(AccountsReader.nameForm)")
        }
        switch (requests.value("file"), requests.value("ids")) {
        case (let file?, nil): return readFile(file, batch: batch, batchItem: batchItem)
        case (nil, let ids?):
            if batchItem == nil {
                item.fail("`batch` is missing in \(item.name); it names the directory `batch=…`")
            }
            return readIDs(ids).map { .ids($0, batch: batch ?? "") }
        case (nil, nil), (.some, .some):
            item.fail("\(item.name) must have either `file`, or `ids` and `batch`")
            return nil
        }
    }

    private func readFile(_ item: YAMLValue, batch: String?, batchItem: YAMLValue?) -> RequestList?
    {
        guard let path = item.text("a path") else { return nil }
        let resolved = files.resolve(path)
        guard !path.contains("{window}") else {
            if let batchItem {
                batchItem.fail(
                    "`batch` names a single list, but \(item.name) has one for each `{window}`; "
                        + "remove it")
            }
            return .file(path: resolved, batch: "")
        }
        guard let bytes = files.read(resolved, namedBy: item) else { return nil }
        switch RequestIDFile.ids(in: bytes) {
        case nil:
            item.fail("\(item.name): `\(resolved)` is not UTF-8")
            return nil
        case .some(let ids):
            if ids.isEmpty { item.warn("\(item.name): `\(resolved)` has no request ids yet") }
        }
        let name = batch ?? Self.baseName(path)
        if batchItem == nil, !NameRule.isPathComponent(name) {
            item.fail(
                "the file's name cannot name the directory `batch=…`; "
                    + "add `batch:` of \(AccountsReader.nameForm)")
        }
        return .file(path: resolved, batch: name)
    }

    private func readIDs(_ item: YAMLValue) -> [String]? {
        guard
            let texts = item.each(
                of: "request ids",
                { id in
                    id.text("a request id").map { Located(value: $0, location: id.location) }
                })
        else { return nil }
        if texts.isEmpty { item.fail("\(item.name) must have at least one request id") }
        var seen: Set<String> = []
        return texts.compactMap { text in
            guard seen.insert(text.value).inserted else {
                item.context.findings.add(
                    .warning, text.location, "this request id is given twice; it is asked once")
                return nil
            }
            return text.value
        }
    }

    /// The last part of a path without its last extension.
    private static func baseName(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return String(name) }
        return String(name[..<dot])
    }
}
