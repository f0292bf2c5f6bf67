import Synchronization

/// Knows which credentials are right, and the tokens that logins were given.
///
/// Every credential is right except those that begin with `wrong` or `dead`, and issued tokens that
/// have died.
final class CredentialStore: Sendable {
    /// Every issued token begins so; no other credential that begins so is right.
    private static let issuedPrefix = "51c0ffee"

    private struct State {
        /// Owner by living token.
        var owners: [String: String] = [:]
        /// Logins so far by owner.
        var generations: [String: UInt64] = [:]
    }

    private let seed: UInt64
    private let state = Mutex(State())

    init(seed: UInt64) {
        self.seed = seed
    }

    /// The owner of the records that a credential opens: who logged in for it, or the credential
    /// itself; nil if it is refused.
    func account(of credential: String) -> String? {
        guard credential.hasPrefix(Self.issuedPrefix) else {
            return isRight(credential) ? credential : nil
        }
        return state.withLock { $0.owners[credential] }
    }

    /// Whether a secret or password may be right.
    func isRight(_ credential: String) -> Bool {
        !credential.hasPrefix("wrong") && !credential.hasPrefix("dead")
    }

    /// 32 hexadecimal digits; another token at every login. Earlier tokens live on.
    func issueToken(to owner: String) -> String {
        state.withLock { state in
            let generation = state.generations[owner, default: 0] + 1
            state.generations[owner] = generation
            let bits = SeededDraw.seed(seed, SeededDraw.number(of: owner), generation)
            let token =
                Self.issuedPrefix + Call.hexadecimal(bits, width: 16)
                + Call.hexadecimal(generation, width: 8)
            state.owners[token] = owner
            return token
        }
    }

    /// Lets an issued token die; false if it is not one, or dead.
    func kill(_ token: String) -> Bool {
        state.withLock { $0.owners.removeValue(forKey: token) != nil }
    }

    /// Forgets all tokens; those issued before are dead.
    func reset() {
        state.withLock { $0 = State() }
    }
}
