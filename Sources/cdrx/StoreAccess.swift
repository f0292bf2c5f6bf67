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
    /// A store's client for a command that reads; it sends nothing yet.
    ///
    /// - Throws: `store_credentials` where a source of credentials is named that cannot be used.
    static func open(_ location: ObjectStoreLocation) throws(ExportError) -> S3Client {
        do {
            return try client(of: location, stop: StopToken())
        } catch {
            throw ExportError(error.kind, code: error.code, message: error.message, cause: error)
        }
    }

    /// A store's client; it sends nothing yet.
    ///
    /// - Parameters:
    ///   - stop: ends all requests at once.
    ///   - onRetry: see ``StoreEnvironment/onRetry``.
    /// - Throws: `store_credentials` where a source of credentials is named that cannot be used.
    static func client(
        of location: ObjectStoreLocation, stop: StopToken,
        onRetry: @escaping @Sendable (StoreRetry) -> Void = { _ in }
    ) throws(ObjectStorageError) -> S3Client {
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
            }, userAgent: CDRX.tool, onRetry: onRetry)
        return try S3Client(location, environment: environment)
    }
}
