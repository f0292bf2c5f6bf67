public import ExportModel

/// What became of a pipeline file.
public struct PipelineFileResult: Sendable {
    /// nil exactly if there is an error among ``diagnostics``.
    public var pipeline: Pipeline?
    /// Errors and warnings, by file and place.
    public var diagnostics: [Diagnostic]
}

/// Reads pipeline files: every mistake at once, each with its place.
public struct PipelineReader: Sendable {
    let catalog: EndpointCatalog
    let environment: [String: String]
    let readFile: @Sendable (String) throws -> [UInt8]
    private let machine: MachineAccess

    /// `readFile` gives the bytes of the pipeline file and of the files that it names, by a path as
    /// seen from the working directory; what it throws becomes a finding.
    public init(
        catalog: EndpointCatalog, environment: [String: String],
        readFile: @escaping @Sendable (String) throws -> [UInt8],
        machine: MachineAccess = .none
    ) {
        self.catalog = catalog
        self.environment = environment
        self.readFile = readFile
        self.machine = machine
    }

    /// Reads one file. `outputOverride` (the flag `--out`) takes the place of `output.path`.
    ///
    /// - Parameter hasState: whether a flag names the state directory, which an output in an object
    ///   store needs.
    public func read(
        _ path: String, outputOverride: String? = nil, hasState: Bool = false
    ) -> PipelineFileResult {
        let findings = Findings()
        let context = ReadingContext(file: path, environment: environment, findings: findings)
        var pipeline: Pipeline?
        do {
            let bytes = try readFile(path)
            let document = YAMLDocument(bytes, context: context)
            if let root = document.root {
                let item = YAMLValue(node: root, name: "the pipeline file", context: context)
                let files = FileAccess(
                    pipelineFile: path, machine: machine, contents: readFile)
                pipeline = RootReader(
                    catalog: catalog, files: files, outputOverride: outputOverride,
                    hasState: hasState
                )
                .read(item)
            } else if !findings.hasErrors {
                findings.add(
                    .error, context.location(line: 1, column: 1),
                    "the file is empty; it needs at least `pipeline`, `output` and `streams`")
            }
        } catch {
            findings.add(
                .error, context.location(line: 1, column: 1),
                FileAccess.reason(error, path: path))
        }
        return PipelineFileResult(
            pipeline: findings.hasErrors ? nil : pipeline, diagnostics: findings.diagnostics)
    }
}
