import ExportModel
import Foundation
import Testing

@testable import PipelineFile

/// `pipelines/pipeline.schema.json` and the reader must not drift apart.
@Suite struct PipelineSchemaTests {
    private let schema: [String: Any]

    init() throws {
        let data = try Data(
            contentsOf: Repository.root.appendingPathComponent("pipelines/pipeline.schema.json"))
        schema = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private func object(_ name: String?) throws -> [String: Any] {
        guard let name else { return schema }
        let definitions = try #require(schema["$defs"] as? [String: Any])
        return try #require(definitions[name] as? [String: Any], "\(name)")
    }

    @Test(
        arguments: [
            (nil, PipelineKeys.root), ("windows", PipelineKeys.windows),
            ("between", PipelineKeys.between), ("extract", PipelineKeys.extract),
            ("output", PipelineKeys.output), ("archive", PipelineKeys.archive),
            ("csv", PipelineKeys.csv), ("timedCommand", PipelineKeys.endCommand),
            ("parquet", PipelineKeys.parquet), ("stream", PipelineKeys.stream),
            ("accountsFile", PipelineKeys.accountsFile), ("requests", PipelineKeys.requests),
            ("account", [PipelineKeys.account]),
        ] as [(String?, [String])])
    func keysAreThoseTheReaderKnows(definition: String?, keys: [String]) throws {
        let object = try object(definition)
        let properties = try #require(object["properties"] as? [String: Any])
        #expect(Set(properties.keys) == Set(keys))
        if definition != "account" {
            #expect(object["additionalProperties"] as? Bool == false)
        }
        for (name, property) in properties {
            let description = (property as? [String: Any])?["description"] as? String
            #expect(description?.isEmpty == false, "\(name) has no description")
        }
    }

    @Test(arguments: [
        ("windows", "every", WindowGrid.allCases.map(\.rawValue)),
        ("output", "partition", PartitionLayout.allCases.map(\.rawValue)),
        ("output", "publish", PublicationPolicy.allCases.map(\.rawValue)),
        ("output", "format", OutputFormat.allCases.map(\.rawValue)),
        ("output", "compression", OutputCompression.allCases.map(\.rawValue)),
        ("output", "sse", ObjectStoreLocation.Encryption.allCases.map(\.rawValue)),
        ("output", "timestamps", TimestampStyle.allCases.map(\.rawValue)),
        ("csv", "newline", CSVOptions.Newline.allCases.map(\.rawValue)),
    ])
    func wordsAreThoseTheReaderKnows(definition: String, key: String, words: [String]) throws {
        let properties = try #require(try object(definition)["properties"] as? [String: Any])
        let property = try #require(properties[key] as? [String: Any])
        let alternatives = try #require(property["anyOf"] as? [[String: Any]])
        #expect(alternatives.compactMap { $0["enum"] as? [String] } == [words])
    }

    @Test func endpointExamplesAreTheCatalog() throws {
        let properties = try #require(try object("stream")["properties"] as? [String: Any])
        let endpoint = try #require(properties["endpoint"] as? [String: Any])
        #expect(
            endpoint["examples"] as? [String] == EndpointCatalog.bundled.endpoints.map(\.id)
        )
    }

    @Test func statedDefaultsAreTheReaders() throws {
        let text = """
            pipeline: p
            output: {path: out}
            streams:
              - {stream: s, endpoint: telecmi.v1.outanswered,
                 accounts: [{account: a, appid: 1, token: "${T:-t}"}]}
            """
        let pipeline = try #require(try FakeFiles(["p.yaml": text]).read().pipeline)
        let stream = try #require(pipeline.streams.first)
        func number(_ definition: String?, _ key: String) throws -> Int? {
            let properties = try object(definition)["properties"] as? [String: Any]
            return (properties?[key] as? [String: Any])?["default"] as? Int
        }
        #expect(try number("extract", "pages_in_flight") == stream.extract.pagesInFlight)
        #expect(try number(nil, "lanes") == pipeline.lanes)
        #expect(try number("extract", "slice_pages") == stream.extract.slicePages)
        #expect(try number("extract", "attempts") == stream.extract.attempts)
        let extract = try #require(try object("extract")["properties"] as? [String: Any])
        let maxRejects = try #require(extract["max_rejects"] as? [String: Any])
        #expect(maxRejects["default"] as? String == "\(stream.extract.maxRejects)")
        #expect(try number("windows", "refresh") == stream.windows.refresh)
        #expect(
            try number("extract", "requests_per_second").map(Double.init)
                == stream.extract.requestsPerSecond)
    }
}
