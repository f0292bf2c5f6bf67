/// A credential's value: it prints as `<secret>` wherever it lands by accident.
///
/// Only request building reveals it. It is neither Codable nor Hashable, so that it cannot reach a
/// file, the ledger or a dictionary key.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: String?

    public init(_ value: String) {
        self.value = value
    }

    private init() {
        value = nil
    }

    /// A credential that was not read, since the command sends no request.
    public static let unread = Secret()

    /// Whether it is ``unread``.
    public var isUnread: Bool { value == nil }

    /// The value itself, for the request body and nothing else.
    ///
    /// - Precondition: it is not ``unread``.
    public func revealed() -> String {
        guard let value else { preconditionFailure("a request needs credentials that were read") }
        return value
    }

    public var description: String { "<secret>" }
    public var debugDescription: String { "<secret>" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
