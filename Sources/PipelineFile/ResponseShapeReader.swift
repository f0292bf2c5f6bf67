import ExportModel

/// Reads where rows lie in an answer, and what answers mean.
enum ResponseShapeReader {
    static func read(_ item: YAMLValue) -> ResponseShape? {
        guard let response = MappingReader(item, keys: CatalogKeys.response) else { return nil }
        let body = response.value("body").map { $0.word(ResponseShape.BodyFormat.self) } ?? .json
        let rows = rows(response, in: body ?? .json)
        let total = response.value("total").map(total) ?? .absent
        let rules = response.required("rules", remedy: "say what answers mean").flatMap(rules)
        let confirmation = response.value("confirm").map { $0.word(ChainConfirmation.self) }
        if let item = response.value("confirm"), total?.isExact == true {
            item.fail("`confirm` goes with answers without a total of records; remove the line")
        }
        let maximum = response.value("maximum_results").map { $0.int(in: 2...1_000_000_000) }
        let echoes = response.value("echoes").map { $0.each(of: "echoes", echo) } ?? []
        let expand = response.value("expand").map(path)
        guard let body, let rows, let total, let rules, let echoes else { return nil }
        return ResponseShape(
            rows: rows, total: total, rules: rules,
            confirmation: (confirmation ?? nil) ?? .doubleWalk, maximumResults: maximum ?? nil,
            echoes: echoes, body: body, expand: expand ?? nil)
    }

    /// One place or several; an empty one where the body itself is the list.
    private static func rows(
        _ response: MappingReader, in body: ResponseShape.BodyFormat
    ) -> [JSONPath]? {
        let item = response.value("rows")
        if body != .json {
            item?.fail("a body of `\(body.rawValue)` is itself the list: remove `rows`")
            return [JSONPath([])]
        }
        guard
            let item = response.required(
                "rows", remedy: "as in `data.result.bills`, or \"\" where the body is the list")
        else { return nil }
        if item.isScalar { return place(item).map { [$0] } }
        guard let places = item.each(of: "paths", place) else { return nil }
        if places.isEmpty { item.fail("\(item.name) must name at least one path") }
        return places.isEmpty ? nil : places
    }

    private static func place(_ item: YAMLValue) -> JSONPath? {
        if let text = item.scalar(as: "a path")?.text, text.isEmpty { return JSONPath([]) }
        return path(item)
    }

    /// A path in the body, a header, or the count of pages.
    private static func total(_ item: YAMLValue) -> RecordTotal? {
        guard item.isMapping else { return path(item).map { .path($0) } }
        guard let total = MappingReader(item, keys: CatalogKeys.total) else { return nil }
        switch (total.value("header"), total.value("page_count")) {
        case (let header?, nil): return header.text("a header's name").map { .header($0) }
        case (nil, let count?): return path(count).map { .pageCount($0) }
        default:
            item.fail("`total` must be a path, or have one of `header` and `page_count`")
            return nil
        }
    }

    private static func echo(_ item: YAMLValue) -> ResponseShape.Echo? {
        guard let echo = MappingReader(item, keys: CatalogKeys.echo),
            let path = echo.required("path", remedy: "where the answer repeats it").flatMap(path),
            let parameter = echo.required("parameter", remedy: "what it repeats")?.text()
        else { return nil }
        return ResponseShape.Echo(path: path, parameter: parameter)
    }

    static func rules(_ item: YAMLValue) -> AnswerRules? {
        guard let rules = MappingReader(item, keys: CatalogKeys.rules) else { return nil }
        let success = rules.required("success", remedy: "list what a success says")?
            .each(of: "conditions", condition)
        let failures = rules.required("failures", remedy: "list what failures say")?
            .each(of: "rules", rule)
        let texts = rules.required("error_texts", remedy: "list where errors are explained")?
            .each(of: "paths", path)
        guard let success, let failures, let texts else { return nil }
        return AnswerRules(success: success, failures: failures, errorTexts: texts)
    }

    /// Keys and places in lists, at least one.
    static func path(_ item: YAMLValue) -> JSONPath? {
        guard let text = item.text("a path such as `data.result`") else { return nil }
        guard let path = JSONPath(parsing: text) else {
            item.fail(
                "\(item.name) must be keys joined by single dots, as in `data.result`, `to[0].phone` "
                    + "or `\"@odata.count\"`")
            return nil
        }
        return path
    }

    private static func condition(_ item: YAMLValue) -> AnswerRules.Condition? {
        guard let condition = MappingReader(item, keys: CatalogKeys.condition),
            let path = condition.required("path", remedy: "where the value stands").flatMap(path),
            let accepted = condition.required("accepts", remedy: "list the values of a success")?
                .textList(of: "values")
        else { return nil }
        return AnswerRules.Condition(
            path: path, accepted: accepted.map(\.value),
            mayBeAbsent: condition.value("may_be_absent")?.bool() ?? false)
    }

    private static func rule(_ item: YAMLValue) -> AnswerRules.Rule? {
        guard let rule = MappingReader(item, keys: CatalogKeys.rule),
            let meaning = rule.required("means", remedy: "say what to do")?
                .word(AnswerClass.self)
        else { return nil }
        let statuses = rule.value("status").map { $0.each(of: "statuses", code) } ?? []
        let texts = rule.value("texts").map { $0.textList(of: "texts") } ?? []
        guard let texts, let statuses else { return nil }
        var read = AnswerRules.Rule(
            statuses: statuses, path: nil, codes: [], texts: texts.map { $0.value.lowercased() },
            emptyPath: rule.value("without").flatMap(Self.path), meaning: meaning)
        if statuses.isEmpty || rule.value("path") != nil || rule.value("codes") != nil {
            guard
                let path = rule.required("path", remedy: "where the code stands").flatMap(path),
                let codes = rule.required("codes", remedy: "as in `[404, 500-599]`")?
                    .each(of: "codes", code)
            else { return nil }
            (read.path, read.codes) = (path, codes)
        }
        return read
    }

    /// `404` or `500-599`
    private static func code(_ item: YAMLValue) -> ClosedRange<Int64>? {
        guard let scalar = item.scalar(as: "a code") else { return nil }
        let bounds = scalar.text.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = bounds.compactMap { YAMLValue.wholeNumber(String($0)) }
        guard numbers.count == bounds.count, (1...2).contains(numbers.count),
            let first = numbers.first, let last = numbers.last, first <= last
        else {
            item.fail("a code must be a number or a range, as in `404` or `500-599`")
            return nil
        }
        return first...last
    }
}
