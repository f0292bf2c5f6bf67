public import ExportModel

/// Why a simulator did not start or stopped by itself.
public struct SimulatorError: ErrorContract {
    /// Of a ``Code``.
    public let code: String
    public let message: String
    public let cause: (any Error)?

    /// An option that cannot be served.
    static func options(_ message: String) -> Self {
        Self(code: Code.simulatorOptions.rawValue, message: message, cause: nil)
    }

    /// The address is taken, or the server broke down.
    static func server(address: String, reason: String) -> Self {
        Self(
            code: Code.simulatorServer.rawValue,
            message: "the simulator cannot serve on \(address): \(reason); "
                + "is the port free? port 0 takes any",
            cause: nil)
    }
}
