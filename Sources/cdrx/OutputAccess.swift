import ArgumentParser
import ExportModel
import ExportRun
import FileSystem
import Foundation
import PipelineFile
import Publication

/// How commands that read reach an output: a directory, or an object store.
enum OutputAccess {
    /// The output of a pipeline.
    static func open(_ pipeline: Pipeline) throws -> any PublishedOutput {
        guard let location = pipeline.output.objectStore else {
            return DirectoryOutput(root: pipeline.output.path, disk: SystemDisk())
        }
        return try open(location)
    }

    /// What a command line names, its settings from the environment.
    static func open(uri: String) throws -> any PublishedOutput {
        let location: ObjectStoreLocation
        do throws(ObjectStoreArgumentError) {
            location = try ObjectStoreReader.location(
                of: uri, environment: ProcessInfo.processInfo.environment)
        } catch {
            throw ValidationError(error.message)
        }
        return try open(location)
    }

    /// A look at a pipeline and its output.
    static func inspection(of pipeline: Pipeline) throws -> PipelineInspection {
        PipelineInspection(pipeline, disk: SystemDisk(), output: try open(pipeline))
    }

    private static func open(
        _ location: ObjectStoreLocation
    ) throws(ExportError) -> any PublishedOutput {
        ObjectStoreOutput(try StoreAccess.open(location))
    }
}
