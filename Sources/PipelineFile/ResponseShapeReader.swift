import ExportModel

/// Reads where rows lie in an answer, and what answers mean.
enum ResponseShapeReader {
    static func read(_ item: YAMLValue) -> ResponseShape? {
        guard let response = MappingReader(item, keys: CatalogKeys.response) else { return nil }
        let rows = response.required("rows", remedy: "as in `data.result.bills`").flatMap(path)
        let total = response.required("total", remedy: "as in `count`").flatMap(path)
        let rules = response.required("rules", remedy: "say what answers mean").flatMap(rules)
        guard let rows, let total, let rules else { return nil }
        return ResponseShape(rows: rows, total: total, rules: rules)
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

    /// Keys joined by dots, none of them empty.
    static func path(_ item: YAMLValue) -> JSONPath? {
        guard let text = item.text("a path such as `data.result`") else { return nil }
        let path = JSONPath(dotted: text)
        guard path.keys.allSatisfy({ !$0.isEmpty }) else {
            item.fail("\(item.name) must be keys joined by single dots, as in `data.result`")
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
            let path = rule.required("path", remedy: "where the code stands").flatMap(path),
            let codes = rule.required("codes", remedy: "as in `[404, 500-599]`")?
                .each(of: "codes", code),
            let meaning = rule.required("means", remedy: "say what to do")?
                .word(AnswerClass.self)
        else { return nil }
        let texts = rule.value("texts").map { $0.textList(of: "texts") } ?? []
        guard let texts else { return nil }
        return AnswerRules.Rule(
            path: path, codes: codes, texts: texts.map { $0.value.lowercased() },
            emptyPath: rule.value("without").flatMap(Self.path), meaning: meaning)
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
