import BoundedDispatch
import ExportModel
import ExportRun
import Extraction
import FileSystem
import Foundation
import PipelineFile
import Planning
import Publication
import Synchronization
import TestDisk
import Testing

/// A temporary directory with a pipeline, and the means to run it.
struct Workplace: Codable, Sendable {
    let directory: String

    /// A fresh directory.
    init() throws {
        directory =
            NSTemporaryDirectory() + "cdrx-run-\(ProcessInfo.processInfo.globallyUniqueString)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: directory)
    }

    var marksPath: String { directory + "/marks" }

    /// 2026-01-01T00:00:00Z
    static let start: Int64 = 1_767_225_600_000

    /// A v2 stream over one day; small slices, so that a window has many.
    static let v2 = """
        pipeline: crash
        windows: {every: day, range: {from: 2026-01-01, to: 2026-01-02}}
        extract: {requests_per_second: 10000, slice_pages: 3, attempts: 2, pages_in_flight: 4}
        output: {path: unused}
        streams:
          - stream: v2
            endpoint: telecmi.v2.user.out_missed
            base_url: https://fake.example
            accounts: [{account: u, token: "${TOKEN}"}]
        """

    /// A Commo drain over two days.
    static let drain = """
        pipeline: crash
        windows: {every: day, range: {from: 2026-01-01, to: 2026-01-03}}
        extract: {requests_per_second: 10000, attempts: 2, page_size: 10}
        output: {path: unused}
        streams:
          - stream: commo
            endpoint: commo.get_bill
            base_url: https://fake.example
            params: {syncflag: 1}
            accounts: [{account: hq, token: "${TOKEN}"}]
        """

    func pipeline(_ text: String) throws -> Pipeline {
        let reader = PipelineReader(
            catalog: EndpointCatalog.bundled, environment: ["TOKEN": "t"],
            readFile: { _ in Array(text.utf8) })
        let result = reader.read("test.yaml", outputOverride: directory + "/out")
        return try #require(result.pipeline, "\(result.diagnostics)")
    }

    /// Runs a pipeline; retries pause for no time.
    ///
    /// - Parameters:
    ///   - clockStep: milliseconds the clock moves between two looks at it.
    ///   - store: holds the output; nil: the directory does.
    func run(
        _ text: String, transport: any Transport, disk: any Disk = SystemDisk(),
        plan: PlanRequest = .run, streams: Set<String>? = nil, stop: StopToken = StopToken(),
        clockStep: Int64 = 0,
        meter: RunMeter = RunMeter(),
        onEvent: @escaping @Sendable (RunEvent) -> Void = { _ in },
        onReaching: @escaping @Sendable (CrashPoint) -> Void = { _ in },
        into store: RunEnvironment.MakeObjectStore? = nil
    ) throws -> RunReport {
        let looks = Mutex(Int64(0))
        var clock = SystemClock.environment()
        // Retries pause for no time, but runs have different names.
        clock.random = { $0 > 1_000_000 ? Int64.random(in: 0...$0) : 0 }
        clock.now = {
            let look = looks.withLock { looks in
                looks += 1
                return looks
            }
            return Timestamp(
                epochMilliseconds: Self.start + 10 * 86_400_000 + look * clockStep)
        }
        var environment = RunEnvironment(
            clock: clock, transport: transport, disk: disk, hostName: "test",
            processID: ProcessInfo.processInfo.processIdentifier, tool: "cdrx/test", meter: meter,
            leastLevel: .debug, onEvent: onEvent, onReaching: onReaching)
        var pipeline = try pipeline(text)
        if let store {
            let location = ObjectStoreLocation(bucket: "bucket", prefix: "exports")
            environment.makeObjectStore = store
            pipeline.output.objectStore = location
            pipeline.output.path = location.uri
            pipeline.statePath = directory + "/state"
        }
        return try ExportPipeline(pipeline, environment: environment).run(
            ExportPipeline.Request(plan: plan, streams: streams, accounts: nil, command: "test"),
            stop: stop)
    }

    /// ``published()`` on a disk in memory.
    func published(on disk: FakeDisk) -> [String: Data] {
        let root = directory + "/out/"
        var found: [String: Data] = [:]
        for path in disk.image.paths where path.hasPrefix(root) {
            let name = String(path.dropFirst(root.count))
            if name.hasPrefix("_") || name.hasSuffix(Manifest.fileName) { continue }
            found[name] = Data(disk.image.bytes(at: path) ?? [])
        }
        return found
    }

    /// Every published file by its path below the output directory, manifests aside: they name
    /// their run.
    func published() throws -> [String: Data] {
        let root = directory + "/out"
        var found: [String: Data] = [:]
        for path in try FileManager.default.subpathsOfDirectory(atPath: root) {
            guard !path.hasPrefix("_"), !path.hasSuffix(Manifest.fileName),
                let data = FileManager.default.contents(atPath: root + "/" + path)
            else { continue }
            var isDirectory: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: root + "/" + path, isDirectory: &isDirectory)
            if !isDirectory.boolValue { found[path] = data }
        }
        return found
    }

    /// Rows of the published partitions, by their directories' names.
    func rowCounts() throws -> [Int] {
        try PartitionVerifier().partitions(under: directory + "/out").map {
            try PartitionVerifier().manifest(in: $0).rows
        }
    }

    /// Directories that all run files name, one after the other.
    func listedDirectories() throws -> [String] {
        let root = directory + "/out/_runs"
        return try FileManager.default.contentsOfDirectory(atPath: root).flatMap { name in
            let bytes = FileManager.default.contents(atPath: root + "/" + name) ?? Data()
            return try RunFile(json: Array(bytes), path: name).partitions.map(\.directory)
        }
    }

    /// What lies in staging.
    func staged() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory + "/out/_staging")
    }
}

/// Rows spread evenly over `dayCount` days from ``Workplace/start``.
func evenRecords(_ count: Int, dayCount: Int = 1) -> [FakeProvider.Record] {
    let step = Int64(dayCount) * 86_400_000 / Int64(count) / 1_000 * 1_000
    return (0..<count).map { index in
        FakeProvider.Record(
            id: index, milliseconds: Workplace.start + Int64(index) * step, members: "")
    }
}
