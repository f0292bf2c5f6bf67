import Foundation
import ProviderSimulator
import Testing

@Suite struct SimulatorTests {
    @Test func servesPagesOfEveryDocumentedEndpoint() async throws {
        try await withSimulator { client in
            let reply = try await client.post(
                "/v1/outanswered",
                """
                {"appid":1111113,"token":"xxxx","start_date":\(newYear),"end_date":\(newYear + day),
                "page":1,"limit":5}
                """)
            print(String(decoding: reply.body, as: UTF8.self))
            #expect(try reply.rows().count == 5)
        }
    }
}
