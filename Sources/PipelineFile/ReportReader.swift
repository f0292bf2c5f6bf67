import ExportModel

/// Reads how a report is started, waited for and had.
enum ReportReader {
    /// nil and a finding where the mapping is no sound report.
    static func read(_ item: YAMLValue) -> Report? {
        guard let report = MappingReader(item, keys: CatalogKeys.report),
            let id = report.required("id", remedy: "where the answer to `request` has it")
                .flatMap(ResponseShapeReader.path),
            let poll = report.required("poll", remedy: "as in `/reports/{id}`")
                .flatMap(RequestShapeReader.path),
            let done = report.required("done", remedy: "say what a report that is ready says")
                .flatMap(PagingReader.endMark),
            let rules = report.required("rules", remedy: "say what answers mean")
                .flatMap(ResponseShapeReader.rules),
            let file = file(report)
        else { return nil }
        let failed = report.value("failed").map(PagingReader.endMark)
        if let failed, failed == nil { return nil }
        let interval = report.value("every").map {
            $0.milliseconds(in: 100...600_000, shownAs: "from `100ms` to `10m`")
        }
        if let interval, interval == nil { return nil }
        return Report(
            id: id, pollPath: poll, intervalMilliseconds: (interval ?? nil) ?? 5_000, done: done,
            failed: failed ?? nil, file: file, rules: rules)
    }

    private static func file(_ report: MappingReader) -> Report.File? {
        switch (report.value("link"), report.value("download")) {
        case (let link?, nil): return ResponseShapeReader.path(link).map { .link($0) }
        case (nil, let path?): return RequestShapeReader.path(path).map { .path($0) }
        default:
            report.item.fail("\(report.item.name) must have one of `link` and `download`")
            return nil
        }
    }
}
