import ExportModel
import Testing

@testable import PipelineFile

@Suite struct EnvironmentReferenceTests {
    static let environment = ["A": "1", "EMPTY": "", "YAML": "x: [1, 2] # ${A}"]

    @Test(arguments: [
        ("plain", "plain", false), ("${A}", "1", true), ("a${A}b${A}", "a1b1", true),
        ("${NONE:-x}", "x", true), ("${NONE:-}", "", true), ("${EMPTY:-x}", "x", true),
        ("${EMPTY}", "", true), ("${A:-x}", "1", true), ("$${A}", "${A}", false),
        ("$A $", "$A $", false), ("$$${A}", "$${A}", false), ("${YAML}", "x: [1, 2] # ${A}", true),
        ("${NONE:-http://127.0.0.1:8765}/c", "http://127.0.0.1:8765/c", true),
    ])
    func referenceIsReplacedOnce(scalar: String, text: String, hasReferences: Bool) throws {
        let expansion = try EnvironmentReference.expand(scalar, environment: Self.environment)
        #expect(expansion == .init(text: text, hasReferences: hasReferences))
    }

    @Test(arguments: [
        ("${NONE}", "environment variable `NONE` is not set"), ("${A", "`${` is not closed"),
        ("${1A}", "a reference to the environment must be"),
        ("${}", "a reference to the environment must be"),
        ("${A-x}", "a reference to the environment must be"),
        ("${NONE:-${A}}", "the default of `${NONE}` must not hold another reference"),
    ])
    func brokenReferenceIsRefused(scalar: String, beginning: String) {
        #expect {
            try EnvironmentReference.expand(scalar, environment: Self.environment)
        } throws: { error in
            (error as? EnvironmentReference.Failure)?.message.hasPrefix(beginning) == true
        }
    }

    @Test func valueNeverChangesTheStructureOfTheFile() throws {
        let text = PipelineReaderTests.least.replacing("path: out", with: "path: \"${P}\"")
        let files = FakeFiles(["p.yaml": text], environment: ["P": "x}, format: {parquet"])
        #expect(try files.read().pipeline?.output.path == "x}, format: {parquet")
    }
}
