import ArgumentParser
import ExportModel
import ExportRun
import Foundation
import PipelineFile

/// Exit codes as in sysexits.h (DESIGN.md, "Commands").
enum ProcessExit {
    /// Standard output, or the export's directory.
    static let unwritable = ExitCode(74)
    static let temporaryFailure = ExitCode(75)
    static let authentication = ExitCode(77)
    static let configuration = ExitCode(78)
}

/// The output on the command line: a directory, or an object store.
enum OutputArgument {
    @Sendable
    static func parse(_ text: String) throws -> String {
        if let flaw = OutputRule.flaw(of: text) { throw ValidationError("'\(text)' \(flaw)") }
        return text
    }
}

/// The state directory on the command line.
enum StateArgument {
    @Sendable
    static func parse(_ text: String) throws -> String {
        if let flaw = DirectoryRule.flaw(of: text) { throw ValidationError("'\(text)' \(flaw)") }
        return text
    }
}

/// `--shard`
enum ShardArgument {
    @Sendable
    static func parse(_ text: String) throws -> Shard {
        guard let shard = Shard(text) else {
            throw ValidationError(
                "'\(text)' is no shard; write I/N, as in 1/4, 2/4, 3/4 and 4/4, with N up to "
                    + "\(Shard.maximumCount)")
        }
        return shard
    }
}

/// Reads pipeline files for commands: all findings go to stderr.
enum PipelineLoading {
    /// All pipelines, or exit 78 after the findings of all files were printed.
    ///
    /// - Parameters:
    ///   - sendsRequests: only then the commands of `${command:…}` are run.
    ///   - log: where findings go if it is one for machines.
    static func load(
        _ files: [String], _ place: PlaceOptions, sendsRequests: Bool = false,
        log: EventLog? = nil
    ) throws -> [Pipeline] {
        var pipelines = try load(
            files, out: place.out, hasState: place.state != nil, sendsRequests: sendsRequests,
            log: log)
        for index in pipelines.indices {
            if let state = place.state { pipelines[index].statePath = state }
            guard let shard = place.shard else { continue }
            do throws(ExportError) {
                pipelines[index] = try pipelines[index].part(shard)
            } catch {
                report(error, log)
                throw error.exitCode
            }
        }
        return pipelines
    }

    /// The same as the files have it.
    ///
    /// - Parameter hasState: whether the command line names a state directory.
    static func load(
        _ files: [String], out: String?, hasState: Bool = false, sendsRequests: Bool = false,
        log: EventLog? = nil
    ) throws -> [Pipeline] {
        let reader = try reader(sendsRequests: sendsRequests)
        var pipelines: [Pipeline] = []
        for file in files {
            let result = reader.read(file, outputOverride: out, hasState: hasState)
            for diagnostic in result.diagnostics { report(diagnostic, log) }
            if let pipeline = result.pipeline { pipelines.append(pipeline) }
        }
        guard pipelines.count == files.count else { throw ProcessExit.configuration }
        return pipelines
    }

    /// Whether it is an endpoint file; one that cannot be read is none, and reading it as a pipeline
    /// says why.
    static func isEndpointFile(_ file: String) -> Bool {
        guard let bytes = try? PipelineReader.contentsOfFile(file) else { return false }
        return CatalogReader.recognizes(bytes)
    }

    /// The catalog with the entries of a pipeline's endpoint files, or of an endpoint file; exit 78
    /// after its findings were printed.
    static func catalog(_ file: String) throws -> CatalogFileResult {
        let result = try reader(sendsRequests: false).readCatalog(file)
        for diagnostic in result.diagnostics { report(diagnostic, nil) }
        if result.hasErrors { throw ProcessExit.configuration }
        return result
    }

    private static func reader(sendsRequests: Bool) throws -> PipelineReader {
        let environment = ProcessInfo.processInfo.environment
        let runCommand = sendsRequests ? SecretCommand.runner(environment: environment) : nil
        return PipelineReader(
            catalog: EndpointCatalog.bundled, environment: environment,
            readFile: PipelineReader.contentsOfFile, machine: .system(runCommand: runCommand))
    }

    private static func report(_ error: ExportError, _ log: EventLog?) {
        guard let log else {
            return Console.printMessage("error: \(error.message) [\(error.code)]")
        }
        log.write(
            RunEvent(
                .runRefused, error.message,
                [(.code, .text(error.code)), (.kind, .text(error.kind.rawValue))]))
    }

    private static func report(_ diagnostic: Diagnostic, _ log: EventLog?) {
        // Text is as compilers have it, so that editors find the place.
        guard let log, log.format == .json else { return Console.printMessage("\(diagnostic)") }
        let location = diagnostic.location
        log.write(
            RunEvent(
                .finding, level: diagnostic.severity == .error ? .error : .warning,
                diagnostic.message,
                [
                    (.path, .text(location.file)), (.line, .count(location.line)),
                    (.column, .count(location.column)),
                ]))
    }
}
