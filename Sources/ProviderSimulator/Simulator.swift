import CSocket
import Foundation

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
        let address = "\(options.host):\(options.port)"
        let listener = csocket_listen(options.host, Int32(options.port))
        guard listener >= 0 else {
            throw .server(address: address, reason: String(cString: strerror(errno)))
        }
        let sockets = OpenSockets()
        _ = sockets.insert(listener)
        await onReady(Int(csocket_port(listener)))
        let reason = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    continuation.resume(returning: acceptConnections(on: listener, sockets))
                }
            }
        } onCancel: {
            sockets.stop()
        }
        sockets.close(listener)
        if !Task.isCancelled { throw .server(address: address, reason: reason) }
    }

    /// Gives each connection a thread until the sockets are stopped, and returns why it ended.
    private func acceptConnections(on listener: Int32, _ sockets: OpenSockets) -> String {
        let exchange = SimulatedExchange(options: options)
        while true {
            let descriptor = csocket_accept(listener)
            guard descriptor >= 0 else { return String(cString: strerror(errno)) }
            guard sockets.insert(descriptor) else {
                csocket_close(descriptor, 0)
                return "it was stopped"
            }
            let shell = NetworkShell(options: options, exchange: exchange, descriptor: descriptor)
            Thread.detachNewThread {
                let resets = shell.serve()
                sockets.close(descriptor, resets: resets)
            }
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
