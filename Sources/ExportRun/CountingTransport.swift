import Extraction
import Synchronization

/// Counts the requests of a run on their way to the transport.
final class CountingTransport: Transport {
    private let transport: any Transport
    private let count = Atomic<Int>(0)

    init(_ transport: any Transport) {
        self.transport = transport
    }

    /// Requests handed to the transport so far.
    var requestCount: Int { count.load(ordering: .relaxed) }

    func send(_ request: ProviderRequest) -> TransportOutcome {
        count.add(1, ordering: .relaxed)
        return transport.send(request)
    }
}
