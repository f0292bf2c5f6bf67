import ExportModel

/// Reads how the pages of an answer follow each other.
enum PagingReader {
    /// The keys of which exactly one says what asks for the next page.
    private static let steps = ["page", "offset", "next", "link", "cursor"]

    /// nil and a finding where the mapping is no sound paging.
    static func read(_ item: YAMLValue) -> Paging? {
        guard let paging = MappingReader(item, keys: CatalogKeys.paging),
            let step = step(paging), let sizes = sizes(paging)
        else { return nil }
        let end = paging.value("end").map(endMark)
        if let end, end == nil { return nil }
        return Paging(
            step, size: sizes.parameter, defaultSize: sizes.standard, maximumSize: sizes.maximum,
            end: end ?? nil)
    }

    private static func step(_ paging: MappingReader) -> Paging.Step? {
        let given = steps.filter { paging.value($0) != nil }
        guard given.count == 1, let key = given.first, let value = paging.value(key) else {
            paging.item.fail(
                "\(paging.item.name) must have exactly one of "
                    + steps.map { "`\($0)`" }.joined(separator: ", "))
            return nil
        }
        if key != "page", key != "offset", let first = paging.value("first") {
            first.fail("`first` goes with `page` or `offset`; remove the line")
        }
        if key != "cursor", let parameter = paging.value("parameter") {
            parameter.fail("`parameter` goes with `cursor`; remove the line")
        }
        switch key {
        case "page":
            let first = paging.value("first").map { $0.int(in: 0...1) } ?? 1
            guard let name = value.text(), let first else { return nil }
            return .page(parameter: name, first: first)
        case "offset":
            let first = paging.value("first").map { $0.int(in: 0...1) } ?? 0
            guard let name = value.text(), let first else { return nil }
            return .offset(parameter: name, first: first)
        case "next": return ResponseShapeReader.path(value).map { .next($0) }
        case "link": return value.text("a relation such as `next`").map { .link(relation: $0) }
        default: return cursor(value, paging)
        }
    }

    /// A path with `parameter` beside it, or a list of both.
    private static func cursor(_ item: YAMLValue, _ paging: MappingReader) -> Paging.Step? {
        if item.isList {
            if let parameter = paging.value("parameter") {
                parameter.fail("each cursor of the list names its own `parameter`")
            }
            let cursors = item.each(of: "cursors") { item -> Paging.Cursor? in
                guard let cursor = MappingReader(item, keys: CatalogKeys.cursor),
                    let path = cursor.required("path", remedy: "where a page has it")
                        .flatMap(ResponseShapeReader.path),
                    let name = cursor.required("parameter", remedy: "what sends it")?.text()
                else { return nil }
                return Paging.Cursor(path: path, parameter: name)
            }
            guard let cursors else { return nil }
            if cursors.isEmpty { item.fail("`cursor` must name at least one value") }
            return cursors.isEmpty ? nil : .cursor(cursors)
        }
        guard let path = ResponseShapeReader.path(item),
            let name = paging.required("parameter", remedy: "name what sends the cursor")?.text()
        else { return nil }
        return .cursor([Paging.Cursor(path: path, parameter: name)])
    }

    private static func sizes(
        _ paging: MappingReader
    ) -> (parameter: String?, standard: Int, maximum: Int)? {
        let limits = 1...100_000
        let remedy = "rows to ask for, or that a page has"
        guard let parameter = paging.value("size") else {
            if let maximum = paging.value("maximum_size") {
                maximum.fail("`maximum_size` goes with `size`; remove the line")
            }
            return paging.required("default_size", remedy: remedy)?.int(in: limits).map {
                (nil, $0, $0)
            }
        }
        guard let name = parameter.text(),
            let maximum = paging.required("maximum_size", remedy: "rows a page has at most")?
                .int(in: limits),
            let standard = paging.required("default_size", remedy: remedy)?.int(in: 1...maximum)
        else { return nil }
        return (name, standard, maximum)
    }

    /// A value by which an answer says something.
    static func endMark(_ item: YAMLValue) -> Paging.EndMark? {
        guard let end = MappingReader(item, keys: CatalogKeys.endMark),
            let path = end.required("path", remedy: "where the value stands")
                .flatMap(ResponseShapeReader.path),
            let accepted = end.required("accepts", remedy: "list its values")?
                .textList(of: "values")
        else { return nil }
        return Paging.EndMark(path: path, accepted: accepted.map(\.value))
    }
}
