import ArgumentParser
import ExportModel
import PipelineFile

/// `cdrx endpoints [ID]`
struct EndpointsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "endpoints",
        abstract: "List the endpoints cdrx knows, or one endpoint's fields and parameters.",
        discussion: """
            Examples:
              cdrx endpoints
              cdrx endpoints commo.get_bill
              cdrx endpoints mypbx.v1.calls --pipeline nightly.yaml
              cdrx endpoints mypbx.v1.calls --pipeline nightly.yaml --try
            """)

    @Argument(help: "Id of an endpoint.")
    var id: String?

    @Option(
        help: ArgumentHelp(
            "Those of this pipeline's endpoint files too; an endpoint file serves as well.",
            valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var pipeline: String?

    @Flag(
        name: .customLong("try"),
        help: ArgumentHelp(
            "Ask the provider once, with the first account of the pipeline that has the endpoint, "
                + "and show what the entry makes of the first records."))
    var isTried = false

    @OptionGroup var selection: SelectionOptions
    @OptionGroup var console: ConsoleOptions

    func validate() throws {
        if isTried, id == nil || pipeline == nil {
            throw ValidationError(
                "--try needs an endpoint and a pipeline with an account of it: "
                    + "cdrx endpoints ID --pipeline FILE --try")
        }
    }

    func run() throws {
        if isTried, let id, let pipeline {
            return try TrialSession(console: console, selection: selection).run(id, in: pipeline)
        }
        let catalog =
            try pipeline.map { try PipelineLoading.catalog($0).catalog }
            ?? EndpointCatalog.bundled
        guard let id else {
            printAll(catalog)
            return
        }
        let endpoint = try catalog.require(id)
        switch console.format {
        case .json, .ndjson: Console.printData(JSONReport.endpoint(endpoint))
        case .table: printOne(endpoint)
        }
    }

    private func printAll(_ catalog: EndpointCatalog) {
        if console.format != .table {
            for endpoint in catalog.endpoints { Console.printData(JSONReport.endpoint(endpoint)) }
            return
        }
        var table = TextTable([
            ("ENDPOINT", .left), ("CREDENTIALS", .left), ("PAGE SIZE", .right),
            ("DOCUMENTED", .left), ("TITLE", .left),
        ])
        for endpoint in catalog.endpoints {
            table.append([
                endpoint.id, Self.credentials(endpoint),
                endpoint.request.paging.map { "\($0.defaultSize)" } ?? "-",
                endpoint.inferred.isEmpty ? "yes" : "in part", endpoint.title,
            ])
        }
        table.print()
    }

    private func printOne(_ endpoint: Endpoint) {
        Console.printData("\(endpoint.id): \(endpoint.title)")
        Console.printData("document:     \(endpoint.document)")
        for text in endpoint.inferred { Console.printData("inferred:     \(text)") }
        Console.printData("base_url:     \(endpoint.defaultBaseURL ?? "must be given")")
        Console.printData(
            "request:      \(endpoint.request.method.rawValue) \(endpoint.request.path)")
        Console.printData("credentials:  \(Self.credentials(endpoint))")
        if let paging = endpoint.request.paging {
            Console.printData(
                "page_size:    \(paging.defaultSize), at most \(paging.maximumSize)")
        }
        if endpoint.request.requestID == nil {
            Console.printData("completeness: \(Self.proof(of: endpoint.response))")
        }
        for parameter in endpoint.request.optional {
            let allowed = parameter.allowed.map(\.text).joined(separator: ", ")
            let value = parameter.defaultValue.map { "'\($0.text)'" } ?? "not sent"
            Console.printData(
                "params:       \(parameter.name) (\(parameter.type.rawValue)"
                    + (allowed.isEmpty ? "" : ": \(allowed)") + "), default \(value)"
                    + (parameter.summary.isEmpty ? "" : "; \(parameter.summary)"))
        }
        Console.printData("")
        var table = TextTable([
            ("FIELD", .left), ("TYPE", .left), ("COLUMN", .left), ("WHAT", .left),
        ])
        for field in endpoint.fields {
            table.append([
                field.name, field.type.columnType.name, field.column?.rawValue ?? "extra",
                field.summary,
            ])
        }
        table.print()
    }

    /// By what a window is verified.
    private static func proof(of response: ResponseShape) -> String {
        switch (response.total, response.confirmation) {
        case (.path, _), (.header, _): "by the count of records that the provider reports"
        case (_, .doubleWalk): "by a second walk, since the provider reports no count of records"
        case (_, .overlap): "by overlaps, since the provider reports no count of records"
        }
    }

    /// The credentials' names, and those that a login takes instead.
    private static func credentials(_ endpoint: Endpoint) -> String {
        let direct = endpoint.request.credentials.map(\.name).joined(separator: "+")
        guard let login = endpoint.login else { return direct }
        return direct + " or "
            + login.request.credentials.map(\.name).joined(separator: "+")
    }
}

extension EndpointCatalog {
    /// An endpoint that the command line names.
    func require(_ id: String) throws -> Endpoint {
        if let endpoint = endpoint(id) { return endpoint }
        throw ValidationError(
            "there is no endpoint '\(id)'"
                + NearestName.remedy(for: id, among: endpoints.map(\.id)))
    }
}
