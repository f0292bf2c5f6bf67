import BoundedDispatch
import ExportModel
import Extraction

/// Which providers refuse connections just now, so that thousands of accounts do not each wait for
/// all attempts.
final class Reachability: Sendable {
    /// Windows in a row without a connection after which a provider is doubted.
    static let failuresBeforeDoubt = 3
    /// Windows in a row without a connection after which the run gives a provider up.
    static let failuresBeforeGivingUp = 10

    /// By base URL: windows in a row that could not connect.
    private let failures = Guarded<[String: Int]>([:])

    /// The stream as it is to be extracted now: with a single attempt a page while its provider is
    /// doubted. The first window that gets through ends the doubt.
    func adjusted(_ stream: Stream) -> Stream {
        guard failureCount(of: stream) >= Self.failuresBeforeDoubt else { return stream }
        var doubted = stream
        doubted.extract.attempts = 1
        return doubted
    }

    /// Whether the run asks the stream's provider no more: its remaining windows are left to the
    /// next run.
    func isGivenUp(_ stream: Stream) -> Bool {
        failureCount(of: stream) >= Self.failuresBeforeGivingUp
    }

    private func failureCount(of stream: Stream) -> Int {
        failures.withLock { $0[stream.baseURL, default: 0] }
    }

    /// Notes how a window ended.
    func note(_ error: ExportError?, of stream: Stream) {
        failures.withLock { failures in
            if error.flatMap({ TransportFailure.Kind(rawValue: $0.code) })?.isWithoutConnection
                == true
            {
                failures[stream.baseURL, default: 0] += 1
            } else {
                failures[stream.baseURL] = nil
            }
        }
    }
}
