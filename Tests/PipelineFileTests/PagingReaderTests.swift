import ExportModel
import Testing

@testable import PipelineFile

@Suite struct PagingReaderTests {
    private static let numbered = "{page: p, size: n, default_size: 50, maximum_size: 100}"

    /// The sixth endpoint with another paging and other keys in its response.
    private func read(
        _ paging: String, total: String = "total: total"
    ) -> CatalogReader.Result {
        let text = CatalogReaderTests.sixth.replacing(Self.numbered, with: paging)
            .replacing("total: total", with: total)
        return CatalogReader().read(Array(text.utf8), file: "acme.yaml")
    }

    @Test(arguments: [
        (
            numbered,
            Paging(.page(parameter: "p", first: 1), size: "n", defaultSize: 50, maximumSize: 100)
        ),
        (
            "{page: p, first: 0, default_size: 50}",
            Paging(.page(parameter: "p", first: 0), size: nil, defaultSize: 50, maximumSize: 50)
        ),
        (
            "{offset: o, size: n, default_size: 20, maximum_size: 20}",
            Paging(.offset(parameter: "o", first: 0), size: "n", defaultSize: 20, maximumSize: 20)
        ),
        (
            "{next: meta.next, default_size: 50}",
            Paging(
                .next(JSONPath(["meta", "next"])), size: nil, defaultSize: 50, maximumSize: 50)
        ),
        (
            "{link: next, size: n, default_size: 5, maximum_size: 9}",
            Paging(.link(relation: "next"), size: "n", defaultSize: 5, maximumSize: 9)
        ),
        (
            "{cursor: meta.next, parameter: after, default_size: 50}",
            Paging(
                .cursor([Paging.Cursor(path: JSONPath(["meta", "next"]), parameter: "after")]),
                size: nil, defaultSize: 50, maximumSize: 50)
        ),
        (
            "{cursor: [{path: c, parameter: c}, {path: iv, parameter: iv}], default_size: 50, "
                + "end: {path: more, accepts: [false]}}",
            Paging(
                .cursor([
                    Paging.Cursor(path: JSONPath(["c"]), parameter: "c"),
                    Paging.Cursor(path: JSONPath(["iv"]), parameter: "iv"),
                ]), size: nil, defaultSize: 50, maximumSize: 50,
                end: Paging.EndMark(path: JSONPath(["more"]), accepted: ["false"]))
        ),
    ])
    func everyKindIsRead(text: String, expected: Paging) throws {
        let result = read(text)
        #expect(result.diagnostics.isEmpty, "\(result.diagnostics.map(\.description))")
        #expect(result.endpoints.first?.request.paging == expected)
    }

    @Test(arguments: [
        (
            "{size: n, default_size: 5, maximum_size: 9}",
            "must have exactly one of `page`, `offset`"
        ),
        ("{page: p, next: n, default_size: 5}", "must have exactly one of `page`, `offset`"),
        ("{next: n, first: 0, default_size: 5}", "`first` goes with `page` or `offset`"),
        ("{page: p, first: 2, default_size: 5}", "`first` must be a whole number from 0 to 1"),
        ("{next: n, parameter: x, default_size: 5}", "`parameter` goes with `cursor`"),
        ("{cursor: c, default_size: 5}", "`parameter` is missing in `paging`; name what sends"),
        ("{cursor: [], default_size: 5}", "`cursor` must name at least one value"),
        ("{cursor: [{path: c}], default_size: 5}", "`parameter` is missing in an item of `cursor`"),
        ("{next: a..b, default_size: 5}", "`next` must be keys joined by single dots"),
        ("{page: p, maximum_size: 9, default_size: 5}", "`maximum_size` goes with `size`"),
        ("{page: p}", "`default_size` is missing in `paging`; rows to ask for"),
        ("{page: p, end: {path: x}, default_size: 5}", "`accepts` is missing in `end`"),
        ("{page: key, default_size: 5}", "the request parameter `key` is named twice"),
    ])
    func mistakeInPagingIsNamed(text: String, expected: String) {
        let result = read(text)
        #expect(
            result.diagnostics.contains { $0.description.contains(expected) },
            "\(result.diagnostics.map(\.description))")
        #expect(result.endpoints.isEmpty)
    }

    @Test(arguments: [
        ("total: a.b", RecordTotal.path(JSONPath(["a", "b"]))),
        ("total: {header: X-Total-Count}", .header("X-Total-Count")),
        ("total: {page_count: meta.pages}", .pageCount(JSONPath(["meta", "pages"]))),
        ("confirm: overlap", .absent),
    ])
    func everyTotalIsRead(text: String, expected: RecordTotal) throws {
        let result = read(Self.numbered, total: text)
        #expect(result.diagnostics.isEmpty, "\(result.diagnostics.map(\.description))")
        let response = try #require(result.endpoints.first).response
        #expect(response.total == expected)
        #expect(response.confirmation == (text == "confirm: overlap" ? .overlap : .doubleWalk))
    }

    @Test func capsEchoesAndPlacesOfRowsAreRead() throws {
        let text =
            "maximum_results: 5000\n      echoes: [{path: meta.size, parameter: n}]\n"
            + "      rows: [items, data]"
        let result = read(
            Self.numbered, total: text.replacing("\n      rows: [items, data]", with: ""))
        let response = try #require(result.endpoints.first).response
        #expect(response.maximumResults == 5_000)
        #expect(
            response.echoes
                == [ResponseShape.Echo(path: JSONPath(["meta", "size"]), parameter: "n")])
        let several = CatalogReader().read(
            Array(
                CatalogReaderTests.sixth.replacing("rows: items", with: "rows: [items, data.x]")
                    .utf8),
            file: "acme.yaml")
        #expect(
            several.endpoints.first?.response.rows == [
                JSONPath(["items"]), JSONPath(["data", "x"]),
            ])
    }

    @Test(arguments: [
        ("total: {}", "`total` must be a path, or have one of `header` and `page_count`"),
        ("total: a\n      confirm: overlap", "`confirm` goes with answers without a total"),
        ("confirm: never", "`confirm` must be double_walk or overlap"),
        ("maximum_results: 99", "`maximum_results` is below `maximum_size`"),
        ("echoes: [{path: s, parameter: m}]", "`echoes` names `m`, which is no parameter"),
    ])
    func mistakeInResponseIsNamed(text: String, expected: String) {
        let result = read(Self.numbered, total: text)
        #expect(
            result.diagnostics.contains { $0.description.contains(expected) },
            "\(result.diagnostics.map(\.description))")
        #expect(result.endpoints.isEmpty)
    }
}

@Suite struct ReportReaderTests {
    private static let rules = "rules: {success: [], failures: [], error_texts: []}"

    private func read(_ report: String) -> CatalogReader.Result {
        let text =
            CatalogReaderTests.sixth.replacing(
                "\n      paging: {page: p, size: n, default_size: 50, maximum_size: 100}", with: "")
            + "\n    report: {\(report), \(Self.rules)}"
        return CatalogReader().read(Array(text.utf8), file: "acme.yaml")
    }

    @Test func aReportIsRead() throws {
        let result = read(
            "id: a.id, poll: '/r/{id}', every: 2s, done: {path: s, accepts: [OK]}, "
                + "failed: {path: s, accepts: [BAD]}, download: '/r/{id}/{key}'")
        #expect(result.diagnostics.isEmpty, "\(result.diagnostics.map(\.description))")
        let report = try #require(result.endpoints.first?.report)
        #expect(report.id == JSONPath(["a", "id"]))
        #expect(report.intervalMilliseconds == 2_000)
        #expect(report.failed?.accepted == ["BAD"])
        #expect(report.file == .path("/r/{id}/{key}"))
    }

    @Test(arguments: [
        ("poll: /r, done: {path: s, accepts: [OK]}, link: l", "`id` is missing in `report`"),
        (
            "id: i, poll: r, done: {path: s, accepts: [OK]}, link: l",
            "`poll` must be empty or start with `/`"
        ),
        ("id: i, poll: /r, link: l", "`done` is missing in `report`; say what a report"),
        (
            "id: i, poll: /r, done: {path: s, accepts: [OK]}",
            "`report` must have one of `link` and `download`"
        ),
        (
            "id: i, poll: '/r/{ident}', done: {path: s, accepts: [OK]}, link: l",
            "a path of `report` names `ident`, which is neither `id` nor a credential"
        ),
        (
            "id: i, poll: /r, every: 1h, done: {path: s, accepts: [OK]}, link: l",
            "`every` must be"
        ),
    ])
    func mistakeInReportIsNamed(text: String, expected: String) {
        let result = read(text)
        #expect(
            result.diagnostics.contains { $0.description.contains(expected) },
            "\(result.diagnostics.map(\.description))")
        #expect(result.endpoints.isEmpty)
    }
}
