import ExportModel

/// Reads the top level of a pipeline file.
struct RootReader {
    let catalog: EndpointCatalog
    let files: FileAccess
    let outputOverride: String?
    /// Whether `--state` takes the place of `state`.
    var hasState = false

    /// nil where a mistake hides the pipeline; the mistakes are among the findings.
    func read(_ item: YAMLValue) -> Pipeline? {
        guard let root = MappingReader(item, keys: PipelineKeys.root) else { return nil }
        let name = root.required("pipeline", remedy: "name it, as in `pipeline: nightly-calls`")
            .flatMap(Self.name)
        let zone = root.value("timezone").map(SourceZoneText.readIdentifier) ?? "UTC"
        let state = root.value("state")?.directory().map(files.resolve)
        let rate = root.value("requests_per_second")?.rate(upTo: ExtractSettings.rateLimit)
        let lanes = root.value("lanes")?.int(in: 1...240) ?? Pipeline.defaultLanes
        let known = root.value("endpoints").map(extendedCatalog) ?? catalog
        let windows = root.value("windows").map { WindowSettings($0) } ?? WindowSettings()
        let extract =
            root.value("extract").map { ExtractSettings($0, files: files) } ?? ExtractSettings()
        checkDefaults(root, windows: windows, extract: extract, lanes: lanes)
        let archive = root.value("archive").map(Self.archive) ?? .standard
        let output = OutputReader(
            root.value("output"), root: item, pathOverride: outputOverride, files: files,
            hasState: hasState || root.value("state") != nil)
        let reader = StreamReader(
            catalog: known, files: files, windows: windows, extract: extract, lanes: lanes,
            columns: ColumnPlanReader(
                selection: output.selection, item: output.columnsItem, partition: output.layout,
                zone: zone.flatMap { SourceZone(parsing: $0) }))
        let streams = streams(root, reader: reader, archive: archive)
        checkBloomFilters(output.bloomFilters, streams: streams, findings: item.context.findings)
        let onSuccess = root.value("on_success").map(EndCommandReader.read)
        let onFailure = root.value("on_failure").map(EndCommandReader.read)
        guard let name, let zone, let archive, let options = output.options else { return nil }
        var pipeline = Pipeline(
            name: name, timeZoneIdentifier: zone, statePath: state, requestsPerSecond: rate,
            lanes: lanes, archive: archive, output: options, streams: streams)
        pipeline.onSuccess = onSuccess ?? nil
        pipeline.onFailure = onFailure ?? nil
        return pipeline
    }

    private static func name(_ item: YAMLValue) -> String? {
        guard let text = item.text("a name") else { return nil }
        guard NameRule.isPipelineName(text) else {
            item.fail(
                "\(item.name) must be lower-case letters, digits and `-`, as in `nightly-calls`")
            return nil
        }
        return text
    }

    private static func archive(_ item: YAMLValue) -> ArchiveKeep? {
        guard let archive = MappingReader(item, keys: PipelineKeys.archive) else { return nil }
        guard let keep = archive.value("keep") else { return .standard }
        let what = "a time with its unit, as in `35d`, or `forever` or `none`"
        guard let scalar = keep.scalar(as: what) else { return nil }
        switch scalar.text {
        case "forever": return .forever
        case "none": return .untilPublished
        default: break
        }
        guard let milliseconds = Quantity.milliseconds(scalar.text) else {
            keep.fail("\(keep.name) must be \(what), not \(scalar.quoted)")
            return nil
        }
        guard (3_600_000...36_500 * 86_400_000).contains(milliseconds) else {
            keep.fail("\(keep.name) must be from `1h` to `36500d`, not \(scalar.quoted)")
            return nil
        }
        return .milliseconds(milliseconds)
    }

    /// Settings that every stream overrides are checked all the same.
    private func checkDefaults(
        _ root: MappingReader, windows: WindowSettings, extract: ExtractSettings, lanes: Int
    ) {
        let findings = root.item.context.findings
        if let item = root.value("windows") {
            _ = windows.resolved(
                over: WindowSettings(), fallback: item.location, findings: findings)
        }
        if root.value("extract") != nil {
            _ = extract.resolved(
                over: ExtractSettings(), stream: "", endpoint: nil, isDrain: false, lanes: lanes,
                findings: findings)
        }
    }

    private func streams(
        _ root: MappingReader, reader: StreamReader, archive: ArchiveKeep?
    ) -> [Stream] {
        guard let item = root.required("streams", remedy: "list what to export"),
            let items = item.list(of: "streams")
        else { return [] }
        if items.isEmpty { item.fail("\(item.name) must have at least one stream") }
        var names: Set<String> = []
        let found = items.map { item in
            let read = reader.read(item.renamed("a stream"))
            if let name = read.name, !names.insert(name.value).inserted {
                item.context.findings.add(
                    .error, name.location,
                    "stream `\(name.value)` is given twice; names are unique")
            }
            return read
        }
        ForEachReader.check(found, archive: archive)
        return found.compactMap(\.stream)
    }

    /// The catalog with the entries of the user's own files.
    func extendedCatalog(_ item: YAMLValue) -> EndpointCatalog {
        var catalog = catalog
        let errorCount = item.context.findings.errorCount
        for file in item.list(of: "catalog files") ?? [] {
            guard let path = file.text("a path") else { continue }
            let resolved = files.resolve(path)
            guard let bytes = files.read(resolved, namedBy: file) else { continue }
            let context = ReadingContext(
                file: resolved, environment: nil, findings: item.context.findings)
            for entry in CatalogReader.endpoints(bytes, context: context)
            where !catalog.add(entry.value) {
                context.findings.add(
                    .error, entry.location,
                    "an endpoint `\(entry.value.id)` is there already; choose another id")
            }
        }
        catalog.isIncomplete = item.context.findings.errorCount > errorCount
        return catalog
    }

    private func checkBloomFilters(
        _ filters: [Located<String>], streams: [Stream], findings: Findings
    ) {
        // With a mistake in a stream, its columns are not known.
        guard !findings.hasErrors else { return }
        let columns = streams.flatMap { $0.columns.columns.map(\.column) }
        for filter in filters {
            let found = columns.filter { $0.name == filter.value }
            if found.isEmpty {
                findings.add(
                    .error, filter.location,
                    "`bloom_filters` names `\(filter.value)`, which is no output column"
                        + NearestName.suggestion(for: filter.value, among: columns.map(\.name)))
            } else if found.contains(where: { $0.type == .bool || $0.type == .notes }) {
                findings.add(
                    .error, filter.location,
                    "`bloom_filters` names `\(filter.value)`, whose type takes no bloom filter")
            }
        }
    }
}
