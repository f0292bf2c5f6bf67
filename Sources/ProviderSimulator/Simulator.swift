import ExportModel
import Foundation
import Hummingbird
import Logging
import NIOCore

/// A server on loopback that answers like the providers, from generated data and with chosen
/// faults.
///
/// It shares no code with the client that reads its answers: mistakes must not cancel out.
public struct Simulator: Sendable {
    private let options: SimulatorOptions

    /// Nothing listens before ``run(onReady:)``.
    public init(options: SimulatorOptions) {
        self.options = options
    }

    /// Serves until its task is cancelled, and then returns.
    ///
    /// - Parameter onReady: called once with the port, as soon as requests are answered.
    public func run(
        onReady: @escaping @Sendable (_ port: Int) async -> Void
    ) async throws(SimulatorError) {
        try check()
        let exchange = SimulatedExchange(options: options)
        let shell = NetworkShell(options: options, exchange: exchange)
        var logger = Logger(label: "simulator")
        logger.logLevel = .critical
        let application = Application(
            responder: CallbackResponder(callback: shell.respond),
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port), backlog: 1_024),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? 0) },
            logger: logger)
        do {
            try await application.run()
        } catch is CancellationError {
            return
        } catch {
            if Task.isCancelled { return }
            throw .server(address: "\(options.host):\(options.port)", cause: error)
        }
    }

    private func check() throws(SimulatorError) {
        guard (0...10_000_000).contains(options.rowsPerDay) else {
            throw .options("rows per day must be 0 to 10,000,000, not \(options.rowsPerDay)")
        }
        guard (0...65_535).contains(options.port) else {
            throw .options("a port is 0 to 65535, not \(options.port)")
        }
        for (fault, rate) in options.faults where !(0...1).contains(rate) {
            throw .options("the rate of \(fault.rawValue) must be 0 to 1, not \(rate)")
        }
    }
}
