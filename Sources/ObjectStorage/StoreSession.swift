import BoundedDispatch
import ExportModel

/// Signs and sends requests to one bucket until there is an answer, or no further attempt may help.
final class StoreSession: Sendable {
    /// Requests for one answer at most, the first included.
    static let attempts = 8
    /// The first pause is at most this; each further one at most twice the one before.
    private static let firstPauseMilliseconds: Int64 = 200
    /// No pause is longer, unless the store asks.
    private static let maximumPauseMilliseconds: Int64 = 20_000
    /// A store that asks for more is asked again after this.
    private static let maximumRetryAfterMilliseconds: Int64 = 60_000

    /// Room for a store's words, however small the object may be.
    private static let errorByteCount = 1 << 16

    private struct Clock {
        /// What the machine's clock must be advanced by to be the store's; corrected when the store
        /// refuses a time, not before.
        var correctionMilliseconds: Int64 = 0
        var storeTime: Int64?
    }

    private let address: StoreAddress
    private let signer: RequestSigner
    private let transport: StoreTransport
    private let credentials: CredentialKeeper
    private let environment: StoreEnvironment
    private let clock = Guarded(Clock())

    init(
        _ address: StoreAddress, region: String, _ transport: StoreTransport,
        _ credentials: CredentialKeeper, _ environment: StoreEnvironment
    ) {
        self.address = address
        signer = RequestSigner(region: region)
        self.transport = transport
        self.credentials = credentials
        self.environment = environment
    }

    /// See ``ObjectStore/storeTime``.
    var storeTime: Int64? { clock.withLock { $0.storeTime } }

    /// Blocks until there is an answer.
    ///
    /// - Returns: a success, or a 404 where ``StoreRequest/mayBeMissing``.
    func send(_ request: StoreRequest) throws(ObjectStorageError) -> StoreAnswer {
        var request = request
        request.place += " at \(address.host)"
        var (failed, isCorrected, isRenewed) = (0, false, false)
        while true {
            if environment.stop.isStopped {
                throw ObjectStorageError(.stopped, "\(request): the run stops")
            }
            let used = try credentials.current()
            switch attempt(request, used) {
            case .answered(let answer): return answer
            case .failed(let error): throw error
            case .skewed(let storeTime, let error):
                if isCorrected { throw error }
                isCorrected = true
                let now = environment.now()
                clock.withLock { $0.correctionMilliseconds = storeTime - now }
            case .ended(let error):
                guard !isRenewed, try credentials.renew(after: used) else { throw error }
                isRenewed = true
            case .again(let error, let retryAfter):
                failed += 1
                try pause(before: request, failed: failed, retryAfter: retryAfter, error)
            }
        }
    }

    private func attempt(_ request: StoreRequest, _ credentials: Credentials) -> StoreVerdict {
        let moment = environment.now() + clock.withLock { $0.correctionMilliseconds }
        let path = address.path(of: request.key)
        let headers = signer.sign(
            RequestSigner.Request(
                method: request.method, host: address.host, path: path, query: request.query,
                headers: request.headers, bodyHash: request.bodyHash),
            credentials, at: moment)
        let call = StoreCall(
            method: request.method,
            url: address.url(path: path, query: RequestSigner.queryText(request.query)),
            headers: headers, body: request.body, timeoutMilliseconds: request.timeoutMilliseconds,
            maximumByteCount: max(request.maximumByteCount, Self.errorByteCount))
        do throws(StoreFault) {
            let answer = try transport.send(call)
            if let storeTime = answer.storeTime { clock.withLock { $0.storeTime = storeTime } }
            return StoreVerdict(
                answer, to: request, signedAt: moment, credentials: credentials.source)
        } catch {
            return StoreVerdict(error, to: request)
        }
    }

    /// Throws the error where no attempt is left.
    private func pause(
        before request: StoreRequest, failed: Int, retryAfter: Int64?, _ error: ObjectStorageError
    ) throws(ObjectStorageError) {
        guard failed < Self.attempts else {
            throw ObjectStorageError(
                error.reason, "\(error.message) (\(failed) attempts)", cause: error.cause)
        }
        let bound = min(
            Self.firstPauseMilliseconds << Int64(failed - 1), Self.maximumPauseMilliseconds)
        let jitter = environment.random
        let pause = max(
            jitter(bound), min(retryAfter ?? 0, Self.maximumRetryAfterMilliseconds))
        environment.onRetry(
            StoreRetry(
                request: "\(request)", failed: failed, attempts: Self.attempts,
                pauseMilliseconds: pause, reason: error))
        if !environment.sleep(pause, environment.stop) {
            throw ObjectStorageError(.stopped, "\(request): the run stops")
        }
    }
}
