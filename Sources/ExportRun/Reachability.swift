import ExportModel
import Extraction
import Synchronization

/// Which providers refuse connections just now, so that thousands of accounts do not each wait for
/// all attempts.
final class Reachability: Sendable {
    /// Windows that must find nobody, one after the other, before a provider is doubted.
    static let mostFailures = 3

    /// By base URL: windows in a row that could not connect.
    private let failures = Mutex<[String: Int]>([:])

    /// The stream as it is to be extracted now: with a single attempt a page while its provider is
    /// doubted. The first window that gets through ends the doubt.
    func adjusted(_ stream: Stream) -> Stream {
        let count = failures.withLock { $0[stream.baseURL, default: 0] }
        guard count >= Self.mostFailures else { return stream }
        var doubted = stream
        doubted.extract.attempts = 1
        return doubted
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
