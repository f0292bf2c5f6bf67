public import ExportModel

extension SimulatorError {
    /// Why a simulator did not start.
    public enum Code: String, ReportedCode {
        case simulatorOptions = "simulator_options"
        case simulatorServer = "simulator_server"
    }
}

extension SimulatorError.Code {
    public var explanation: CodeExplanation {
        switch self {
        case .simulatorOptions:
            CodeExplanation(
                "An option of `cdrx simulate` cannot be served.",
                remedy: "Correct it; the message names it.")
        case .simulatorServer:
            CodeExplanation(
                "The simulator cannot serve, mostly because the port is taken.",
                remedy: "Take another `--port`; 0 takes any free one.")
        }
    }
}
