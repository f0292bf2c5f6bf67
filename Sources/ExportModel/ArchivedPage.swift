/// One response as the provider sent it.
public struct ArchivedPage: Hashable, Sendable {
    /// ``RawPage/number``
    public var number: Int
    /// The id asked for, at endpoints that are asked by id.
    public var requestID: String?
    /// The body as it came; the archive does not look inside.
    public var body: [UInt8]

    public init(number: Int, requestID: String? = nil, body: [UInt8]) {
        self.number = number
        self.requestID = requestID
        self.body = body
    }
}
