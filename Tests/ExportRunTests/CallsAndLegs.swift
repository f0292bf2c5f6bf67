import ExportModel
import Extraction
import Foundation
import Synchronization

/// Calls by time, and the legs of a call by its id.
final class CallsAndLegs: Transport {
    private let calls: FakeProvider
    private let asked = Mutex<[String]>([])
    /// Ids that the provider knows nothing of.
    let unknown: Set<String>

    init(_ calls: FakeProvider, unknown: Set<String> = []) {
        self.calls = calls
        self.unknown = unknown
    }

    /// Ids in the order of their requests.
    var ids: [String] { asked.withLock { $0 } }
    var listRequests: Int { calls.requestedPages.count }

    func send(_ request: ProviderRequest) -> TransportOutcome {
        guard request.url.contains("requestid_cdr") else { return calls.send(request) }
        let body =
            (try? JSONSerialization.jsonObject(with: Data(request.body ?? []))) as? [String: Any]
        let id = body?["request_id"] as? String ?? "no id"
        asked.withLock { $0.append(id) }
        if unknown.contains(id) {
            return answer(#"{"code":404,"msg":"record not found"}"#)
        }
        let legs = ["a", "b"].map {
            #"{"leg":"\#($0)","to":91,"time":\#(Workplace.start),"duration":1}"#
        }
        return answer(#"{"count":2,"cdr":[\#(legs.joined(separator: ","))],"code":200}"#)
    }

    private func answer(_ text: String) -> TransportOutcome {
        .answer(ProviderAnswer(status: 200, body: Array(text.utf8)))
    }
}
