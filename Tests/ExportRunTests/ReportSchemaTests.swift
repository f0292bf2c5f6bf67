import ExportModel
import Foundation
import Planning
import Publication
import RunLedger
import Testing

@testable import ExportRun

/// The words of the reports' schemas in `pipelines/` are those of the code. That the reports are as
/// the schemas say is checked wherever an end-to-end test reads one.
@Suite struct ReportSchemaTests {
    /// Every `enum` below the property `name` of a schema.
    private func words(_ name: String, of schema: String) throws -> Set<String> {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let data = try Data(
            contentsOf: root.appendingPathComponent("pipelines/\(schema).schema.json"))
        var found: Set<String> = []
        func search(_ value: Any) {
            if let list = value as? [Any] { list.forEach(search) }
            guard let object = value as? [String: Any] else { return }
            if let property = (object["properties"] as? [String: Any])?[name] as? [String: Any] {
                found.formUnion((property["enum"] as? [Any] ?? []).compactMap { $0 as? String })
            }
            object.values.forEach(search)
        }
        search(try JSONSerialization.jsonObject(with: data))
        return found
    }

    /// The `enum` of a definition of a schema.
    private func definition(_ name: String, of schema: String) throws -> Set<String> {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let data = try Data(
            contentsOf: root.appendingPathComponent("pipelines/\(schema).schema.json"))
        let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
        let definitions = object?["$defs"] as? [String: Any]
        let found = definitions?[name] as? [String: Any]
        return Set((found?["enum"] as? [Any] ?? []).compactMap { $0 as? String })
    }

    private func all<Word: CaseIterable & RawRepresentable>(
        _ type: Word.Type
    ) -> Set<String> where Word.RawValue == String {
        Set(type.allCases.map(\.rawValue))
    }

    @Test func wordsAreThoseOfTheCode() throws {
        for schema in ["run-report", "status", "plan"] {
            #expect(try definition("state", of: schema) == all(ReportedState.self), "\(schema)")
        }
        #expect(try words("state", of: "check") == all(CredentialCheck.State.self))
        #expect(try words("reason", of: "plan") == all(PlannedWindow.Reason.self))
        #expect(try words("finding", of: "verify") == all(PartitionFinding.Kind.self))
        #expect(try words("change", of: "load") == all(LoadStep.Change.self))
        #expect(try words("reason", of: "rejects") == all(Reject.Reason.self))
        #expect(try words("state", of: "manifest") == all(ManifestAccount.State.self))
        #expect(try words("verified_by", of: "manifest") == all(VerificationBasis.self))
        for schema in ["run-report", "status", "check"] {
            #expect(try words("kind", of: schema) == all(FailureKind.self), "\(schema)")
        }
        for schema in ["run-report", "plan"] {
            #expect(try words("cause", of: schema) == all(OutdatedWindows.Cause.self))
        }
    }
}
