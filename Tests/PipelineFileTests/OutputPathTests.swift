import ExportModel
import Testing

@testable import PipelineFile

/// `output.path` is relative to the pipeline file, as every path in it.
@Suite struct OutputPathTests {
    private func read(
        _ file: String, path: String = "exports", outputOverride: String? = nil,
        withOutputIn directories: Set<String> = []
    ) throws -> (path: String?, findings: [String]) {
        let text = PipelineReaderTests.least.replacing("path: out", with: "path: \(path)")
        var files = FakeFiles([file: text])
        files.machine.holdsOutput = { directories.contains($0) }
        let result = try files.read(file, outputOverride: outputOverride)
        return (result.pipeline?.output.path, result.diagnostics.map(\.description))
    }

    @Test func itIsRelativeToTheFile() throws {
        #expect(try read("p.yaml").path == "exports")
        #expect(try read("etc/p.yaml").path == "etc/exports")
        #expect(try read("/p.yaml").path == "/exports")
        #expect(try read("etc/p.yaml", path: "/data").path == "/data")
    }

    @Test func theFlagIsRelativeToTheWorkingDirectory() throws {
        #expect(try read("etc/p.yaml", outputOverride: "out").path == "out")
    }

    @Test func anExportAtTheFormerPlaceIsPointedOut() throws {
        let found = try read("etc/p.yaml", withOutputIn: ["exports"])
        #expect(found.path == "etc/exports")
        #expect(
            found.findings == [
                "etc/p.yaml:2:16: warning: `path` is relative to this file, so this is "
                    + "`etc/exports`; but `exports` in the working directory holds an earlier "
                    + "export, which is not seen: move it there, or give `--out exports`"
            ])
    }

    @Test(arguments: [
        ("etc/p.yaml", "exports", ["exports", "etc/exports"]), ("p.yaml", "exports", ["exports"]),
        ("etc/p.yaml", "/data", ["/data"]), ("etc/p.yaml", "exports", []),
    ])
    func elsewhereNothingIsSaid(file: String, path: String, directories: [String]) throws {
        #expect(try read(file, path: path, withOutputIn: Set(directories)).findings == [])
    }
}
