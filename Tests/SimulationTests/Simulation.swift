import BoundedDispatch
import ExportModel
import ExportRun
import FileSystem
import Foundation
import PipelineFile
import Planning
import Synchronization
import TestDisk

/// One seed: a pipeline, a provider, and a sequence of runs that are killed, starved and misled,
/// each followed by one that must put everything right.
final class Simulation {
    /// What a run has to get by with.
    struct Weather {
        var faults = Fault.Mix.none
        var drifts = false
        var kill: (place: KillPlace, occurrence: Int)?
        var stop: (place: KillPlace, occurrence: Int)?
        var disk = FakeDisk.Faults()

        static let fair = Weather()
    }

    /// How a run ended.
    enum Ending {
        case report(RunReport)
        case refused(ExportError)
        case killed
    }

    let seed: UInt64
    private var scenario: Scenario
    private let truth: Truth
    private let machine: Machine
    private let provider: SimulatedProvider
    private let disk: DisturbedDisk
    private let root: String
    private let state: String
    private let catalog: EndpointCatalog
    private let isThreaded: Bool
    private var draw: Draw
    private var hasDepartures = false
    private var hasOtherColumns = false
    private var pipelines: [String: Pipeline] = [:]
    /// What happened, for people who look at a seed that failed.
    private(set) var trace: [String] = []

    /// - Parameter root: a directory of the machine that belongs to this simulation.
    init(_ seed: UInt64, root: String, catalog: EndpointCatalog, isThreaded: Bool = false) {
        self.seed = seed
        self.root = root
        self.catalog = catalog
        self.isThreaded = isThreaded
        scenario = Scenario(seed)
        truth = scenario.makeTruth()
        draw = Draw(seed, "simulation")
        machine = Machine(Draw(seed, "machine"), at: Scenario.newYear + 10 * 86_400_000)
        provider = SimulatedProvider(scenario, truth: truth, machine: machine)
        let state = root + (scenario.hasOwnState ? "/state" : "/out/_state")
        self.state = state
        disk = DisturbedDisk(machine: machine, directories: [root])
    }

    // MARK: - The sequence

    /// - Throws: ``Violation``
    func run() throws {
        trace.append(scenario.yaml("."))
        for _ in 0..<draw.number(1...2) {
            for _ in 0..<draw.pick([1, 1, 2, 3]) { try disturbedRun() }
            try recover()
            changeTheWorld()
        }
        truth.setDead([])
        scenario.shrink = "replace"
        // A request list has no dates that a backfill could name.
        _ = try fairRun(.run, "run")
        _ = try fairRun(all, "backfill --force")
        _ = try judge(.exact)
        let requests = provider.requestCount
        let report = try fairRun(.run, "run")
        if scenario.refresh == 0 {
            guard report.windows.isEmpty, provider.requestCount == requests else {
                throw Violation("a run after a complete one sent requests")
            }
        }
        let partitions = try judge(.exact)
        if scenario.keep != "none", seed % 3 == 0 { try rebuildAll(partitions) }
    }

    private var all: PlanRequest {
        .backfill(from: scenario.localStart, to: scenario.localEnd, mode: .force)
    }

    private func rebuild(outdatedOnly: Bool) -> PlanRequest {
        .rebuild(from: nil, to: nil, outdatedOnly: outdatedOnly, rejectedOnly: false)
    }

    /// Everything in another format, of other columns, and back again, without a request; for every
    /// third seed, since it takes long.
    private func rebuildAll(_ first: [SeenPartition]) throws {
        let former = scenario
        scenario.changeOutput(&draw)
        // What Parquet holds is read in another format.
        if former.format == .parquet {
            (scenario.format, scenario.columns) = (.csv, former.columns)
        }
        let requests = provider.requestCount
        _ = try fairRun(rebuild(outdatedOnly: draw.oneIn(2)), "rebuild")
        let second = try judge(.exact)
        if scenario.columns == former.columns {
            guard first.map(\.manifest.contentSha256) == second.map(\.manifest.contentSha256) else {
                throw Violation("another format changed the content")
            }
        }
        scenario = former
        _ = try fairRun(rebuild(outdatedOnly: false), "rebuild")
        let third = try judge(.exact)
        guard first.map(\.manifest.files) == third.map(\.manifest.files) else {
            throw Violation("partitions made again differ")
        }
        guard provider.requestCount == requests else { throw Violation("rebuild sent requests") }
    }

    /// All that came of the seed, for a comparison with another run of it.
    var outcome: String {
        let image = disk.plain.image
        let files = image.paths.map { path in
            path + " " + OutputTree.sha256(image.bytes(at: path) ?? [])
        }
        return (trace + files).joined(separator: "\n")
    }

    private func disturbedRun() throws {
        let weather = drawWeather()
        if draw.oneIn(5) { killAccounts() }
        let plan = draw.pick([.run, .run, .run, all, all, rebuild(outdatedOnly: draw.oneIn(2))])
        let before = try tree.directories()
        let ending = try start(plan, weather)
        trace.append("\(plan) with \(weather): \(Self.text(ending))")
        var loss = DiskImage.Loss.nothing
        if case .killed = ending, draw.oneIn(2) {
            loss = draw.oneIn(2) ? draw.pick(DiskImage.Loss.samples) : .some(seed: draw.next())
            trace.append("power loss: \(loss)")
        }
        disk.begin(FakeDisk.Faults(), after: loss)
        _ = try makeJudge().judgePartitions(.sound)
        // Without an exchange of directories there is a moment between two renames.
        let gone =
            weather.disk.refusesExchange ? [] : Set(before).subtracting(try tree.directories())
        guard gone.isEmpty else { throw Violation("no longer published: \(gone.sorted())") }
    }

    /// Whatever happened, one plain run with a provider and a disk that work must set it right.
    private func recover() throws {
        if draw.oneIn(2) { truth.setDead([]) }
        let ending = try start(.run, .fair)
        trace.append("recovery: \(Self.text(ending))")
        guard case .report(let report) = ending else {
            throw Violation("the run after the disturbances did not work: \(Self.text(ending))")
        }
        for window in report.windows {
            if let failure = window.failure, !isExpected(failure, of: window, in: report) {
                throw Violation(
                    """
                    \(window.stream)/\(window.account)/\(window.window) is not recovered: \
                    \(failure.code) \(failure.message)
                    """)
            }
        }
        if report.unwrittenRunFile != nil { throw Violation("a run file is still missing") }
        let judge = makeJudge()
        // A version that a killed run published is recorded when its window is published again.
        let kept = report.failures
        try judge.judgeSurroundings(
            judge.judgePartitions(report.exitCode == 0 ? .whole : .sound).filter { seen in
                !kept.contains {
                    $0.stream == seen.manifest.stream && $0.window == seen.manifest.window.key
                }
            }, state: state, isWhole: report.exitCode == 0)
    }

    private func isExpected(
        _ failure: WindowResult.Failure, of window: WindowResult, in report: RunReport
    ) -> Bool {
        // Without an archive a partition cannot be made again where one of its accounts fails.
        if failure.code == "archive_missing" {
            return scenario.keep == "none" && scenario.isByWindow
                && report.failures.contains {
                    $0.stream == window.stream && $0.window == window.window
                        && $0.failure?.code != failure.code
                }
        }
        // Rows that other columns make rejects are fewer rows too.
        if failure.kind == .shrunk {
            return scenario.shrink == "keep" && (hasDepartures || hasOtherColumns)
        }
        guard let stream = scenario.streams.firstIndex(where: { $0.name == window.stream }),
            let account = scenario.streams[stream].accounts.firstIndex(of: window.account)
        else { return false }
        return failure.kind == .authentication
            && truth.isDead(AccountPlace(stream: stream, account: account))
    }

    private func fairRun(_ plan: PlanRequest, _ name: String) throws -> RunReport {
        let ending = try start(plan, .fair)
        trace.append("\(name): \(Self.text(ending))")
        guard case .report(let report) = ending, report.exitCode == 0 else {
            throw Violation("\(name) at the end did not work: \(Self.text(ending))")
        }
        return report
    }

    private func judge(_ strictness: Judge.Strictness) throws -> [SeenPartition] {
        let judge = makeJudge()
        let partitions = try judge.judgePartitions(strictness)
        try judge.judgeSurroundings(partitions, state: state, isWhole: true)
        return partitions
    }

    private var tree: OutputTree { OutputTree(disk: disk.plain, root: root + "/out") }

    private func makeJudge() -> Judge {
        Judge(scenario, truth: truth, disk: disk.plain, root: root + "/out")
    }

    // MARK: - Disturbances

    private func drawWeather() -> Weather {
        var weather = Weather()
        if draw.oneIn(2) {
            let kinds = draw.oneIn(2) ? Fault.allCases : [draw.pick(Fault.allCases)]
            weather.faults = Fault.Mix(kinds: kinds, perMille: draw.pick([20, 100, 300, 700]))
        }
        if draw.oneIn(3) {
            weather.drifts = true
            planDrift()
        }
        // The ledger can only be put back as it was where no other thread is writing to it.
        switch isThreaded ? 4 + draw.below(2) : draw.below(6) {
        case 0, 1: weather.kill = (.point(draw.pick(CrashPoint.allCases)), draw.magnitude(bits: 4))
        case 2: weather.kill = (.disk, draw.magnitude(bits: 9))
        case 3: weather.kill = (.request, draw.magnitude(bits: 7))
        case 4: weather.disk = .drawn(&draw)
        default: weather.stop = (.request, draw.magnitude(bits: 6))
        }
        return weather
    }

    private func killAccounts() {
        var dead: Set<AccountPlace> = []
        for (stream, shape) in scenario.streams.enumerated() {
            for account in shape.accounts.indices where draw.oneIn(3) {
                dead.insert(AccountPlace(stream: stream, account: account))
            }
        }
        truth.setDead(dead)
    }

    /// Records that come, or leave, while the next run walks: never both, since one that leaves and
    /// one that comes between the same two answers can hide a third (README, "Exactness").
    private func planDrift() {
        let comes = draw.oneIn(2)
        forSomePlaces { place, stream in
            let now = truth.moment
            truth.change(place) { records in
                for _ in 0..<draw.number(1...3) {
                    if comes || stream.isDrain {
                        var record = scenario.record(records.count, stream: stream, &draw)
                        record.born = now + draw.number(1...60)
                        records.append(record)
                    } else {
                        depart(&records, at: now + draw.number(1...60))
                    }
                }
            }
        }
    }

    private func depart(_ records: inout [SimulatedRecord], at moment: Int) {
        guard let index = movable(records, at: moment) else { return }
        records[index].died = moment
        hasDepartures = true
    }

    /// Between runs records come, leave and change, and the pipeline file changes too.
    private func changeTheWorld() {
        truth.pass(1_000)
        forSomePlaces { place, stream in
            let now = truth.moment
            truth.change(place) { records in
                for _ in 0..<draw.number(0...3) {
                    var record = scenario.record(records.count, stream: stream, &draw)
                    record.born = now
                    records.append(record)
                }
                // What a drain has handed out is published for good.
                if stream.isDrain { return }
                if draw.oneIn(2) { depart(&records, at: now) }
                if draw.oneIn(2) { revise(&records, at: now) }
            }
        }
        if draw.oneIn(3) {
            scenario.changeOutput(&draw)
            hasOtherColumns = true
        }
    }

    /// Every other record stays as it is for ever.
    private func movable(_ records: [SimulatedRecord], at moment: Int) -> Int? {
        let movable = records.indices.filter {
            records[$0].number % 2 == 1 && records[$0].died == .max && records[$0].born < moment
        }
        return movable.isEmpty ? nil : draw.pick(movable)
    }

    private func revise(_ records: inout [SimulatedRecord], at moment: Int) {
        guard let index = movable(records, at: moment) else { return }
        var record = records[index]
        records[index].died = moment
        record.revision += 1
        record.born = moment
        records.append(record)
    }

    private func forSomePlaces(_ body: (AccountPlace, Scenario.Stream) -> Void) {
        for (index, stream) in scenario.streams.enumerated() where stream.endpoint != .requestCDR {
            for account in stream.accounts.indices where draw.oneIn(2) {
                body(AccountPlace(stream: index, account: account), stream)
            }
        }
    }

    // MARK: - One run

    private func start(_ plan: PlanRequest, _ weather: Weather) throws -> Ending {
        let ledger = LedgerFiles(directory: state)
        let snapshot = Mutex<[String: Data]?>(nil)
        let stop = machine.begin(kill: weather.kill, stop: weather.stop) {
            snapshot.withLock { $0 = ledger.snapshot() }
        }
        provider.begin(weather.faults, seed: draw.next(), drifts: weather.drifts)
        disk.begin(weather.disk, after: .nothing)
        let ending = try run(plan, stop: stop)
        truth.pass(1_000)
        if let complaint = machine.complaint { throw Violation(complaint) }
        guard let files = snapshot.withLock({ $0 }) else { return ending }
        try ledger.restore(files)
        return .killed
    }

    private func run(_ plan: PlanRequest, stop: StopToken) throws -> Ending {
        let machine = machine
        var environment = RunEnvironment(
            clock: machine.clock, transport: provider, disk: disk, hostName: "simulation",
            processID: 1, tool: "cdrx/simulation",
            onReaching: { point in _ = machine.isAlive(at: .point(point)) })
        if !isThreaded {
            environment.schedule = machine.schedule(coreCount: 1 + Int(seed % 4))
        }
        let request = ExportPipeline.Request(
            plan: plan, dueAt: scenario.dueAt, streams: nil, accounts: nil, command: "simulation")
        do throws(ExportError) {
            let pipeline = try pipeline()
            return .report(
                try ExportPipeline(pipeline, environment: environment).run(request, stop: stop))
        } catch {
            return .refused(error)
        }
    }

    private func pipeline() throws(ExportError) -> Pipeline {
        let text = scenario.yaml(root)
        if let known = pipelines[text] { return known }
        let result = PipelineReader(
            catalog: catalog, environment: scenario.secrets, readFile: { _ in Array(text.utf8) }
        ).read("simulation.yaml")
        guard let pipeline = result.pipeline else {
            throw ExportError(
                .configuration, code: "simulation", message: "\(result.diagnostics)")
        }
        pipelines[text] = pipeline
        return pipeline
    }

    private static func text(_ ending: Ending) -> String {
        switch ending {
        case .killed: "killed"
        case .refused(let error): "\(error.code): \(error.message)"
        case .report(let report):
            "exit \(report.exitCode), \(report.traffic.requests) requests, "
                + report.windows.map {
                    "\($0.stream)/\($0.account)/\($0.window) \($0.status) \($0.rows)"
                        + ($0.failure.map { " \($0.code)" } ?? "")
                }.joined(separator: ", ")
        }
    }
}
