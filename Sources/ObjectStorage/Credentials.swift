import ExportModel

/// What requests to a store are signed with.
struct Credentials: Sendable {
    var keyID: Secret
    var secretKey: Secret
    /// Only of credentials that end.
    var sessionToken: Secret?
    /// Epoch milliseconds; nil where they do not end, or nobody says when.
    var endsAt: Int64?
    /// For messages: `the environment`, `profile nightly in /home/ann/.aws/credentials`.
    var source: String

    /// Whether signing with the others would give another signature.
    func differ(from others: Credentials) -> Bool {
        keyID.revealed() != others.keyID.revealed()
            || secretKey.revealed() != others.secretKey.revealed()
            || sessionToken?.revealed() != others.sessionToken?.revealed()
    }
}
