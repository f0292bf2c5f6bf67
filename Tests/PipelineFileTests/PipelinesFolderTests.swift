import ExportModel
import Foundation
import Testing

@testable import PipelineFile

/// Every pipeline in `pipelines/` is valid; the suite finds them by itself.
@Suite struct PipelinesFolderTests {
    static let environment = [
        "TELECMI_APP_ID": "1111113", "TELECMI_SECRET": "s3cret", "TELECMI_USER_101": "s3cret",
        "TELECMI_AGENT_103_ID": "103_1111113", "TELECMI_AGENT_103_PASSWORD": "s3cret",
        "PIOPIY_APP_ID": "2222222", "PIOPIY_SECRET": "s3cret", "COMMO_APP_ID": "commo",
        "COMMO_ACCESS_KEY": "s3cret", "COMMO_TOKEN": "s3cret",
        "COMMO_URL": "https://commo.example.com/api/",
    ]

    @Test func everyPipelineIsValidWithoutAWarning() throws {
        let files = try Repository.files(in: "pipelines", extension: "yaml")
        #expect(files.count >= 3)
        for file in files {
            let text = try String(contentsOf: file, encoding: .utf8)
            let name = file.lastPathComponent
            #expect(
                text.hasPrefix("# yaml-language-server: $schema=pipeline.schema.json\n"), "\(name)")
            let result = try FakeFiles([name: text], environment: Self.environment).read(name)
            #expect(result.diagnostics == [], "\(name)")
            let pipeline = try #require(result.pipeline)
            var dumped = ""
            dump(pipeline, to: &dumped)
            #expect(!dumped.contains("s3cret"), "\(name)")
        }
    }

    @Test func quickstartCoversFiveEndpointsWithoutAnEnvironment() throws {
        let text = try String(
            contentsOf: Repository.root.appendingPathComponent("pipelines/quickstart.yaml"),
            encoding: .utf8)
        let result = try FakeFiles(["q.yaml": text]).read("q.yaml")
        #expect(result.diagnostics == [])
        let pipeline = try #require(result.pipeline)
        #expect(pipeline.streams.map(\.endpoint.id) == EndpointCatalogTests.documented.map(\.id))
        #expect(pipeline.streams.last?.baseURL == "http://127.0.0.1:8765/commo")
    }
}
