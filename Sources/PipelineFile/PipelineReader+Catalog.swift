import ExportModel

/// The catalog as a pipeline file, or an endpoint file by itself, has it.
public struct CatalogFileResult: Sendable {
    /// The bundled entries, and then those of the file; one of the file stands for a bundled one
    /// of the same id.
    public var catalog: EndpointCatalog
    /// Ids of the file's entries, in its order.
    public var own: [String]
    /// Errors and warnings, by file and place.
    public var diagnostics: [Diagnostic]
    /// Whether an entry is missing because of a mistake.
    public var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}

extension PipelineReader {
    /// Reads an endpoint file, or of a pipeline file the endpoint files that it names and nothing
    /// else: no credential is looked up.
    public func readCatalog(_ path: String) -> CatalogFileResult {
        let findings = Findings()
        let context = ReadingContext(file: path, environment: environment, findings: findings)
        var own: [Endpoint] = []
        do {
            let bytes = try readFile(path)
            own =
                CatalogReader.recognizes(bytes)
                ? ownEntries(bytes, file: path, findings)
                : namedEntries(bytes, file: path, context)
        } catch {
            findings.add(
                .error, context.location(line: 1, column: 1),
                FileAccess.reason(error, path: path))
        }
        let ids = own.map(\.id)
        return CatalogFileResult(
            catalog: EndpointCatalog(
                endpoints: catalog.endpoints.filter { !ids.contains($0.id) } + own),
            own: ids, diagnostics: findings.diagnostics)
    }

    private func ownEntries(
        _ bytes: [UInt8], file: String, _ findings: Findings
    ) -> [Endpoint] {
        let context = ReadingContext(file: file, environment: nil, findings: findings)
        let entries = CatalogReader.endpoints(bytes, context: context)
        for entry in entries where catalog.endpoint(entry.value.id) != nil {
            findings.add(
                .warning, entry.location,
                "an endpoint `\(entry.value.id)` ships with cdrx; a pipeline that names this file "
                    + "needs another id")
        }
        return entries.map(\.value)
    }

    private func namedEntries(
        _ bytes: [UInt8], file: String, _ context: ReadingContext
    ) -> [Endpoint] {
        guard let root = YAMLDocument(bytes, context: context).root else { return [] }
        let item = YAMLValue(node: root, name: "the pipeline file", context: context)
        let files = FileAccess(pipelineFile: file, contents: readFile)
        guard let mapping = MappingReader(item, keys: PipelineKeys.root),
            let list = mapping.value("endpoints")
        else { return [] }
        return RootReader(catalog: catalog, files: files, outputOverride: nil)
            .extendedCatalog(list).endpoints.filter { catalog.endpoint($0.id) == nil }
    }
}
