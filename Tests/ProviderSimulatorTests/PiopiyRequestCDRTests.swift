import Foundation
import Testing

@testable import ProviderSimulator

@Suite struct PiopiyRequestCDRTests {
    @Test func truthNamesTheRequestIDAndSortsByTime() throws {
        let client = ExchangeClient()
        let ids = ["rid-1-0002", "rid-1-0001", "rid-1-9999"]
        let truth = try client.get(
            "/_truth",
            query: "endpoint=piopiy.requestid_cdr&account=22&ids=\(ids.joined(separator: ","))"
        ).list()
        #expect(Set(truth.texts("_request_id")) == Set(ids))
        #expect(truth.ints("time") == truth.ints("time").sorted())
        for id in ids {
            let served = try client.post(
                "/v1/piopiy/requestid_cdr", ["appid": 22, "secret": "s", "request_id": id]
            ).rows()
            let known = truth.filter { $0["_request_id"] as? String == id }
            #expect(served.count == known.count)
            for row in served {
                #expect(known.contains { $0["duration"] as? Int == row["duration"] as? Int })
            }
        }
    }

    @Test func someLegsBeginTogetherAndSomeDoNot() throws {
        let client = ExchangeClient()
        let moments = try (1...30).map { number in
            let id = "rid-1-00" + (number < 10 ? "0\(number)" : "\(number)")
            let parameters: [String: Any] = ["appid": 22, "secret": "s", "request_id": id]
            return Set(try client.post("/v1/piopiy/requestid_cdr", parameters).rows().ints("time"))
        }
        #expect(Set(moments.map(\.count)) == [1, 2])
    }

    @Test(arguments: ["rid-1-0000", "rid-1-1", "rid-1-00001", "rid-1-+001", "rid-2-0001", "x"])
    func otherIDsAreUnknown(id: String) throws {
        let reply = try ExchangeClient().post(
            "/v1/piopiy/requestid_cdr", ["appid": 22, "secret": "s", "request_id": id])
        #expect(try reply.int("code") == 404)
        #expect(try reply.object()["msg"] as? String == "request_id not found")
    }
}
