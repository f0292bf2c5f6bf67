import ExportModel
import Testing

@testable import PipelineFile

/// What `cdrx init` writes is valid for every endpoint; the suite finds them by itself.
@Suite struct PipelineTemplateTests {
    private static let ids = EndpointCatalog.bundled.endpoints.map(\.id)

    private func template(_ ids: [String]) throws -> PipelineTemplate {
        let catalog = EndpointCatalog.bundled
        return PipelineTemplate(try ids.map { try #require(catalog.endpoint($0)) }, name: "calls")
    }

    private func read(_ text: String, _ template: PipelineTemplate) throws -> PipelineFileResult {
        var environment: [String: String] = [:]
        for variable in template.variables {
            environment[variable.name] =
                variable.name.hasSuffix("URL") ? "https://pbx.example.com" : "1234"
        }
        return try FakeFiles(["p.yaml": text], environment: environment).read()
    }

    @Test func thereAreEndpoints() {
        #expect(Self.ids.count >= 5)
    }

    @Test(arguments: ids.map { [$0] } + [ids])
    func itIsValidOnceItsVariablesAreSet(ids: [String]) throws {
        let template = try template(ids)
        let result = try read(template.text, template)
        #expect(result.diagnostics == [])
        let pipeline = try #require(result.pipeline)
        #expect(pipeline.streams.map(\.endpoint.id) == ids)
        #expect(Set(pipeline.streams.map(\.name)).count == ids.count)
    }

    @Test(arguments: ids)
    func everyChoiceMayBeTaken(id: String) throws {
        let template = try template([id])
        let lines = template.text.split(separator: "\n", omittingEmptySubsequences: false).filter {
            !$0.contains("# Or log in") && !$0.contains("# - account") && !$0.contains(#/^ *#   /#)
        }
        let taken = lines.map {
            String($0.replacing(#/^( *)# ([a-z_]+:( |$))/#) { $0.output.1 + $0.output.2 })
        }
        #expect(taken.count { $0.contains("catch_up_from: 2026") && !$0.contains("# catch") } == 1)
        #expect(try read(taken.joined(separator: "\n"), template).diagnostics == [])
    }

    @Test(arguments: ids)
    func loggingInMayBeChosen(id: String) throws {
        let catalog = EndpointCatalog.bundled
        guard let login = catalog.endpoint(id)?.login else { return }
        let template = try template([id])
        var lines = template.text.split(separator: "\n", omittingEmptySubsequences: false)
        let accounts = try #require(lines.firstIndex { $0.hasPrefix("    accounts:") })
        let choice = try #require(lines.firstIndex { $0.contains("# Or log in") })
        lines.removeSubrange(accounts + 1...choice)
        let text = lines.joined(separator: "\n").replacing(
            "      # - account", with: "      - account"
        )
        .replacing("\n      #   ", with: "\n        ")
        var environment = Dictionary(
            uniqueKeysWithValues: login.request.credentials.map {
                ("\(id.prefix { $0 != "." }.uppercased())_\($0.name.uppercased())", "x")
            })
        environment["\(id.prefix { $0 != "." }.uppercased())_URL"] = "https://pbx.example.com"
        let result = try FakeFiles(["p.yaml": text], environment: environment).read()
        #expect(result.diagnostics == [])
        #expect(
            result.pipeline.map { Set($0.streams[0].accounts[0].credentials.keys) }
                == Set(login.request.credentials.map(\.name)))
    }

    @Test(arguments: ids)
    func whatItLacksIsNamed(id: String) throws {
        let template = try template([id])
        let findings = try FakeFiles(["p.yaml": template.text]).read().diagnostics
        for variable in template.variables {
            #expect(findings.contains { $0.message.contains("`\(variable.name)` is not set") })
        }
        #expect(findings.count == template.variables.count)
    }

    @Test(arguments: ids)
    func itExplainsEveryCredentialAndParameter(id: String) throws {
        let endpoint = try #require(EndpointCatalog.bundled.endpoint(id))
        let text = try template([id]).text.replacing("\n      #", with: "")
        let login = endpoint.login?.request.credentials ?? []
        for credential in endpoint.request.credentials + login {
            #expect(!credential.summary.isEmpty, "\(credential.name)")
            #expect(text.contains("\(credential.name): \"${"))
            #expect(text.contains("# \(credential.summary)"), "\(credential.name)")
        }
        for option in endpoint.request.optional {
            #expect(!option.summary.isEmpty, "\(option.name)")
            #expect(text.contains(" \(option.name): "))
            #expect(text.contains(option.summary), "\(option.name)")
            for value in option.allowed {
                #expect(option.summary.contains(value.text), "\(option.name) \(value.text)")
            }
            if let drain = option.drainValue {
                #expect(text.contains("With \(drain.text), reading marks records"))
                #expect(option.defaultValue != drain)
            }
        }
        let longest = try template([id]).text.split(separator: "\n").map(\.count).max() ?? 0
        #expect(longest <= 100)
    }

    @Test func twoEndpointsThatTakeTheSameNameHaveVariablesOfTheirOwn() throws {
        let names = try template(["telecmi.v1.outanswered", "telecmi.v1.agentOutMissed"]).variables
            .map(\.name)
        #expect(
            names == [
                "TELECMI_APPID", "TELECMI_OUTANSWERED_TOKEN", "TELECMI_AGENT_OUT_MISSED_TOKEN",
            ])
        #expect(
            try template(["telecmi.v1.agentOutMissed"]).variables.map(\.name) == ["TELECMI_TOKEN"])
    }

    @Test func callsOfTwoVersionsAreStreamsOfTheirOwn() throws {
        let ids = ["telecmi.v1.answered", "telecmi.v2.answered", "telecmi.v1.voicemail"]
        let template = try template(ids)
        #expect(
            try read(template.text, template).pipeline?.streams.map(\.name) == [
                "telecmi_v1_answered", "telecmi_v2_answered", "voicemail",
            ])
    }

    @Test func anEntryWithoutADrainWritesNoParameter() throws {
        var endpoint = try #require(EndpointCatalog.bundled.endpoint("commo.get_bill"))
        endpoint.request.optional.removeAll { $0.drainValue != nil }
        let template = PipelineTemplate([endpoint], name: "calls")
        #expect(try read(template.text, template).diagnostics == [])
    }
}
