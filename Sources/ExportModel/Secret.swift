/// A credential's value: it prints as `<secret>` wherever it lands by accident.
///
/// Only request building reveals it. It is neither Codable nor Hashable, so that it cannot reach a
/// file, the ledger or a dictionary key.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let value: String

    public init(_ value: String) {
        self.value = value
    }

    /// The value itself, for the request body and nothing else.
    public func revealed() -> String { value }

    public var description: String { "<secret>" }
    public var debugDescription: String { "<secret>" }
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
