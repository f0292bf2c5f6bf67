/// A request as it came over the wire.
struct WireRequest: Sendable {
    /// `GET`, `POST`
    var method: String
    /// Without the query, percent-encoded as it came.
    var path: String
    /// What stands after the `?`.
    var query: String
    /// Value of `Content-Type`.
    var contentType: String
    /// Every header field by its name in lower case; of equal names the last.
    var headers: [String: String] = [:]
    /// All bytes of the body.
    var body: [UInt8]
}

/// An answer and how it travels.
struct WireAnswer: Sendable {
    /// What is sent, if it is.
    var answer: SimulatedResponse
    /// Of these the network shell makes hang, reset, cut-body and slow-body.
    var faults = FaultPlan(seed: 0, faults: [])
}
