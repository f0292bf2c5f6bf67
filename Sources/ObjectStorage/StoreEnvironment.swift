public import BoundedDispatch
public import FileSystem

/// All that a store's client takes from outside, so that tests decide it.
public struct StoreEnvironment: Sendable {
    /// The time of day in epoch milliseconds.
    public var now: @Sendable () -> Int64
    /// A number in `0...bound`, for jitter.
    public var random: @Sendable (_ bound: Int64) -> Int64
    /// Waits on the calling thread, at most until the token stops; false if it stopped.
    public var sleep: @Sendable (_ milliseconds: Int64, _ stop: StopToken) -> Bool
    /// Ends all requests at once.
    public var stop: StopToken
    /// The process's environment: where credentials are looked for.
    public var variables: [String: String]
    /// Holds what is stored, and the files of credentials.
    public var disk: any Disk
    /// Runs the shell command of a `credential_process`.
    public var runCommand: @Sendable (_ command: String) -> StoreCommandEnding
    /// Sent with every request.
    public var userAgent: String
    /// Learns of every request that is about to be repeated, on the thread that does.
    public var onRetry: @Sendable (StoreRetry) -> Void

    public init(
        now: @escaping @Sendable () -> Int64,
        random: @escaping @Sendable (_ bound: Int64) -> Int64,
        sleep: @escaping @Sendable (_ milliseconds: Int64, _ stop: StopToken) -> Bool = {
            $1.sleep(milliseconds: $0)
        },
        stop: StopToken, variables: [String: String], disk: any Disk,
        runCommand: @escaping @Sendable (_ command: String) -> StoreCommandEnding = { _ in
            .failed("cannot be run here")
        },
        userAgent: String, onRetry: @escaping @Sendable (StoreRetry) -> Void = { _ in }
    ) {
        self.now = now
        self.random = random
        self.sleep = sleep
        self.stop = stop
        self.variables = variables
        self.disk = disk
        self.runCommand = runCommand
        self.userAgent = userAgent
        self.onRetry = onRetry
    }

    /// A variable that is set and not empty.
    func variable(_ name: String) -> String? {
        variables[name].flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// How a command that prints credentials ended.
public enum StoreCommandEnding: Sendable {
    /// With exit code 0; what it printed, which is secret.
    case printed([UInt8])
    /// In another way, in words that go on after the command.
    case failed(String)
}

/// A request that is about to be repeated.
public struct StoreRetry: Sendable {
    /// `PUT s3://bucket/key`
    public var request: String
    /// Attempts that failed, from 1.
    public var failed: Int
    /// Attempts there are at most.
    public var attempts: Int
    public var pauseMilliseconds: Int64
    public var reason: ObjectStorageError
}
