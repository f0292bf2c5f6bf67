import Foundation

/// Feeds the target that `FUZZ_TARGET` names, until time or runs are up, or an input traps, leaks or
/// makes the target disagree with its judge.
enum FuzzEntry {
    private static let targets: [String: @Sendable ([UInt8]) -> Void] = [
        "pages": PageTarget.run, "pipelines": PipelineTarget.runPipeline,
        "accounts": PipelineTarget.runAccounts, "archive": ArchiveTarget.run,
        "times": TimeTarget.run, "retry-after": RetryAfterTarget.run,
    ]

    static let target: @Sendable ([UInt8]) -> Void = {
        let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
        guard let target = targets[name] else {
            print("fuzz: FUZZ_TARGET must be one of \(targets.keys.sorted())")
            exit(64)
        }
        return target
    }()
}

/// Called by libFuzzer with every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    FuzzEntry.target(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}
