import BoundedDispatch

/// Keeps credentials, and renews them before they end. For any thread: whoever needs new ones gets
/// them, the others wait.
final class CredentialKeeper: Sendable {
    /// New ones are asked for when so little is left.
    static let renewalMilliseconds: Int64 = 5 * 60_000
    /// A source that gives the old ones is asked again after this.
    static let pauseMilliseconds: Int64 = 30_000

    private struct State {
        var kept: Credentials?
        var askedAt: Int64 = 0
    }

    private let fetcher: CredentialFetcher
    private let state = Guarded(State())

    init(_ fetcher: CredentialFetcher) {
        self.fetcher = fetcher
    }

    /// - Throws: ``ObjectStorageError/Code/credentials`` where there are none, or the old ones have
    ///   ended and there are no new ones.
    func current() throws(ObjectStorageError) -> Credentials {
        try state.withLock { state throws(ObjectStorageError) in
            let now = fetcher.environment.now()
            if let kept = state.kept {
                let left = (kept.endsAt ?? .max) - now
                let isRecent = left > 0 && now - state.askedAt < Self.pauseMilliseconds
                if left > Self.renewalMilliseconds || isRecent { return kept }
            }
            state.askedAt = now
            do throws(ObjectStorageError) {
                let new = try fetcher.fetch()
                state.kept = new
                return new
            } catch {
                guard let kept = state.kept, (kept.endsAt ?? .max) > now else { throw error }
                return kept
            }
        }
    }

    /// The store says that these have ended.
    ///
    /// - Returns: whether ``current()`` now has others.
    func renew(after used: Credentials) throws(ObjectStorageError) -> Bool {
        try state.withLock { state throws(ObjectStorageError) in
            if let kept = state.kept, kept.differ(from: used) { return true }
            state.askedAt = fetcher.environment.now()
            let new = try fetcher.fetch()
            state.kept = new
            return new.differ(from: used)
        }
    }
}
