import ExportModel
import Foundation
import Testing

@testable import PipelineFile

@Suite struct EndpointCatalogTests {
    @Test func bundledCatalogHasTheFiveDocumentedEndpoints() throws {
        let catalog = try EndpointCatalog.bundled()
        #expect(
            catalog.endpoints.map(\.id) == [
                "telecmi.v1.outanswered", "telecmi.v1.agentOutMissed",
                "telecmi.v2.user.out_missed", "piopiy.requestid_cdr", "commo.get_bill",
            ])
    }
}
