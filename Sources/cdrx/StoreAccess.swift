import BoundedDispatch
import ExportModel
import ExportRun
import Extraction
import FileSystem
import Foundation
import ObjectStorage
import PipelineFile

/// How the program reaches object stores: with the machine's clock, files and environment.
enum StoreAccess {
    /// A store's client; it sends nothing yet.
    ///
    /// - Parameter stop: ends all requests at once.
    /// - Throws: `store_credentials` where a source of credentials is named that cannot be used.
    static func open(
        _ location: ObjectStoreLocation, stop: StopToken = StopToken()
    ) throws(ExportError) -> S3Client {
        let variables = ProcessInfo.processInfo.environment
        let clock = SystemClock.environment()
        let environment = StoreEnvironment(
            now: { SystemClock.now().epochMilliseconds }, random: clock.random, stop: stop,
            variables: variables, disk: SystemDisk(),
            runCommand: { command in
                // A runner keeps what a command printed; these credentials are renewed.
                switch SecretCommand.runner(environment: variables)(command) {
                case .printed(let bytes): .printed(bytes)
                case .failed(let reason): .failed(reason)
                }
            }, userAgent: CDRX.tool)
        do {
            return try S3Client(location, environment: environment)
        } catch {
            throw ExportError(error.kind, code: error.code, message: error.message, cause: error)
        }
    }
}
