import ArgumentParser
import PipelineFile
import ProviderSimulator

/// `cdrx simulate`
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Serve every endpoint on loopback with generated data, and faults on request.",
        discussion: """
            Every credential is right except those that begin with `wrong` or `dead`.
            Faults: \(SimulatorFault.allCases.map(\.rawValue).joined(separator: ", ")).

            Examples:
              cdrx simulate
              cdrx simulate --rows-per-day 300 --fault http-429=0.05
              cdrx simulate --pipeline my-pbx.yaml
            """)

    @Option(help: "Port on 127.0.0.1; 0 takes any free one.")
    var port = 8765

    @Option(help: "All data and faults follow from it.")
    var seed: UInt64 = 1

    @Option(help: "Records per UTC day, endpoint and account.")
    var rowsPerDay = 5_000

    @Option(help: ArgumentHelp("Wait before every answer.", valueName: "milliseconds"))
    var latency = 0

    @Option(help: "Rows a page has at most, whatever is asked for.")
    var pageCap: Int?

    @Option(
        help: ArgumentHelp(
            "Inject this fault at a rate from 0 to 1; may be repeated.", valueName: "name=rate"))
    var fault: [String] = []

    @Option(help: "Records that enter while pages are walked.")
    var driftRows = 0

    @Option(
        help: ArgumentHelp(
            "Serve the entries of this pipeline's endpoint files too; an endpoint file serves as well.",
            valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var pipeline: String?

    func run() async throws {
        var options = SimulatorOptions()
        options.port = port
        options.seed = seed
        options.rowsPerDay = rowsPerDay
        options.latencyMilliseconds = latency
        options.pageSizeCap = pageCap
        options.driftRows = driftRows
        for text in fault {
            let (name, rate) = try Self.parse(text)
            options.faults[name] = rate
        }
        let catalog =
            try pipeline.map { try PipelineLoading.catalog($0).catalog }
            ?? EndpointCatalog.bundled
        options.extraEndpoints = catalog.endpoints
        try await Simulator(options: options).run { port in
            Console.printData("serving on http://127.0.0.1:\(port)")
        }
    }

    private static func parse(_ text: String) throws -> (SimulatorFault, Double) {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let fault = SimulatorFault(rawValue: String(parts[0])),
            let rate = Double(parts[1]), (0...1).contains(rate)
        else {
            throw ValidationError(
                "'\(text)' is no fault with a rate; write, say, http-429=0.05. Faults are "
                    + SimulatorFault.allCases.map(\.rawValue).joined(separator: ", "))
        }
        return (fault, rate)
    }
}
