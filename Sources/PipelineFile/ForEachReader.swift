import ExportModel

/// Reads `for_each`: which field of which stream has the request ids of another stream.
struct ForEachReader {
    /// A `for_each` whose parent is still to be looked for: it may come later in the file.
    struct Found {
        let parent: ParentField
        let item: YAMLValue
        let streamItem: YAMLValue
        let fieldItem: YAMLValue
    }

    /// A stream as far as it could be read.
    struct ReadStream {
        var name: Located<String>?
        var stream: Stream?
        /// Present also where the stream has mistakes.
        var forEach: Found?
    }

    /// nil where a mistake hides it.
    static func read(_ item: YAMLValue) -> Found? {
        guard let mapping = MappingReader(item, keys: PipelineKeys.forEach),
            let streamItem = mapping.required(
                "stream", remedy: "name the stream whose rows have the ids"),
            let fieldItem = mapping.required(
                "field", remedy: "name the field of that stream's endpoint that has the ids"),
            let stream = streamItem.text("a name"), let field = fieldItem.text("a name")
        else { return nil }
        return Found(
            parent: ParentField(stream: stream, field: field), item: item, streamItem: streamItem,
            fieldItem: fieldItem)
    }

    /// Reports what keeps streams from being fed by the others that they name.
    static func check(_ streams: [ReadStream], archive: ArchiveKeep?) {
        for child in streams {
            guard let found = child.forEach, let name = child.name else { continue }
            if archive == .untilPublished {
                found.item.fail(
                    "\(found.item.name) reads the archive of `\(found.parent.stream)`, and "
                        + "`archive: {keep: none}` keeps nothing; say how long, as in `keep: 35d`")
            }
            if found.parent.stream == name.value {
                found.streamItem.fail("a stream cannot feed itself; name another stream")
                continue
            }
            let named = streams.filter { $0.name?.value == found.parent.stream }
            if named.isEmpty {
                let names = streams.compactMap { $0.name?.value }.filter { $0 != name.value }
                found.streamItem.fail(
                    "no stream has the name `\(found.parent.stream)`"
                        + NearestName.remedy(for: found.parent.stream, among: names))
            } else if let parent = named.first?.stream, let stream = child.stream {
                check(found, of: stream, parent)
            }
        }
    }

    private static func check(_ found: Found, of stream: Stream, _ parent: Stream) {
        let shown = "`\(parent.name)`"
        if parent.requests != nil {
            found.streamItem.fail(
                "\(shown) is asked by id itself; the ids must come from a stream that is asked by "
                    + "time")
            return
        }
        checkField(found, of: parent)
        if stream.windows.every != parent.windows.every {
            found.item.fail(
                "`every` of `\(stream.name)` is `\(stream.windows.every.rawValue)` and that of \(shown) "
                    + "is `\(parent.windows.every.rawValue)`; give both the same")
        }
        if stream.windows.settleMilliseconds < parent.windows.settleMilliseconds {
            found.item.fail(
                "`settle` of `\(stream.name)` is shorter than that of \(shown), so that its windows "
                    + "are due before their ids are known; make it as long")
        }
        let known = parent.accounts.map(\.name)
        let unknown = stream.accounts.map(\.name).filter { !known.contains($0) }
        if let first = unknown.first {
            found.item.fail(
                "account `\(first)` of `\(stream.name)` is none of \(shown), which has the ids; "
                    + "accounts of both streams go by one name"
                    + NearestName.suggestion(for: first, among: known))
        }
    }

    private static func checkField(_ found: Found, of parent: Stream) {
        let name = found.parent.field
        let endpoint = parent.endpoint
        guard let index = endpoint.fieldIndex(name) else {
            found.fieldItem.fail(
                "`\(endpoint.id)` of stream `\(parent.name)` has no field `\(name)`"
                    + NearestName.remedy(for: name, among: endpoint.fields.map(\.name)))
            return
        }
        let field = endpoint.fields[index]
        if field.sources.contains(where: \.hasEach) {
            found.fieldItem.fail(
                "`\(name)` lies in a list inside the records of `\(parent.name)`; the ids must be in "
                    + "the records themselves")
        }
        switch field.type {
        case .text, .digits, .int: break
        default:
            found.fieldItem.fail(
                "`\(name)` of `\(endpoint.id)` is neither text nor a whole number, so it is no id")
        }
    }
}
