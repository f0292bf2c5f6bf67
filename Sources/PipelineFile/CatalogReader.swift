public import ExportModel
import Yams

/// Reads one catalog file: the endpoints of one API version of a provider.
///
/// The files in `Endpoints/` show its form. References to the environment mean nothing here.
public struct CatalogReader: Sendable {
    /// What a catalog file gave.
    public struct Result: Sendable {
        /// The entries without a mistake, in the file's order.
        public var endpoints: [Endpoint]
        public var diagnostics: [Diagnostic]
    }

    public init() {}

    /// Reads a file's bytes; `file` is its name in diagnostics.
    public func read(_ bytes: [UInt8], file: String) -> Result {
        let findings = Findings()
        let context = ReadingContext(file: file, environment: nil, findings: findings)
        let endpoints = Self.endpoints(bytes, context: context).map(\.value)
        return Result(endpoints: endpoints, diagnostics: findings.diagnostics)
    }

    /// Whether a file is meant to be a catalog file, and not a pipeline: by its keys at the top
    /// level, however wrong the rest is.
    public static func recognizes(_ bytes: [UInt8]) -> Bool {
        let context = ReadingContext(file: "", environment: nil, findings: Findings())
        let root = YAMLDocument(bytes, context: context).root
        guard case .mapping(let mapping)? = root else { return false }
        let names = Set(
            mapping.compactMap { pair -> String? in
                guard case .scalar(let scalar) = pair.key else { return nil }
                return scalar.string
            })
        return !names.isDisjoint(with: CatalogKeys.file)
            && names.isDisjoint(with: PipelineKeys.root.filter { !CatalogKeys.file.contains($0) })
    }

    /// The entries with the places of their ids, all of them with ids of their own.
    static func endpoints(_ bytes: [UInt8], context: ReadingContext) -> [Located<Endpoint>] {
        let document = YAMLDocument(bytes, context: context)
        guard let root = document.root else {
            if !context.findings.hasErrors {
                context.findings.add(
                    .error, context.location(line: 1, column: 1), "the file has no endpoints")
            }
            return []
        }
        let item = YAMLValue(node: root, name: "the catalog file", context: context)
        guard let file = MappingReader(item, keys: CatalogKeys.file) else { return [] }
        let provider = file.required("provider", remedy: "name the provider")?.text()
        let baseURL = file.value("base_url").flatMap { BaseURL.read($0) }
        guard let entries = file.required("endpoints", remedy: "list the entries") else {
            return []
        }
        var found: [Located<Endpoint>] = []
        for item in entries.list(of: "catalog entries") ?? [] {
            let entry = EntryReader(provider: provider ?? "", defaultBaseURL: baseURL)
            guard let endpoint = entry.read(item) else { continue }
            if found.contains(where: { $0.value.id == endpoint.value.id }) {
                context.findings.add(
                    .error, endpoint.location,
                    "endpoint `\(endpoint.value.id)` is given twice; ids are unique")
                continue
            }
            found.append(endpoint)
        }
        return found
    }
}
