import ExportModel
import ExportRun
import FileSystem
import Planning
import RunLedger

/// Adds to planned windows what the ledger says of those that did not complete, which is read when
/// the first of them comes.
struct PlanDescriber {
    private let pipeline: Pipeline
    private let options: PipelineOptions
    private let inspection: PipelineInspection
    /// What did not complete, and the run that works now; nil until it is needed.
    private var known: (records: [WindowIdentity: WindowRecord], runningRun: String?)?
    private var failure: ExportError?

    init(_ pipeline: Pipeline, _ options: PipelineOptions) {
        self.pipeline = pipeline
        self.options = options
        inspection = PipelineInspection(pipeline, disk: SystemDisk())
    }

    mutating func describe(_ window: PlannedWindow) -> DescribedWindow {
        var state = window.state.flatMap { ReportedState(rawValue: $0.rawValue) } ?? .missing
        if window.reason == .outdated { state = .outdated }
        guard window.reason == .retry else {
            return DescribedWindow(planned: window, state: state, record: nil)
        }
        if known == nil { read() }
        let record = known?.records[window.identity(inPipeline: pipeline.name)]
        if let record { state = inspection.state(of: record, known?.runningRun) }
        return DescribedWindow(planned: window, state: state, record: record)
    }

    /// - Throws: why something could not be read.
    func finish() throws(ExportError) {
        if let failure { throw failure }
    }

    private mutating func read() {
        var records: [WindowIdentity: WindowRecord] = [:]
        do throws(ExportError) {
            let runningRun = try inspection.runningRun()
            try inspection.forEachWindow(
                streams: options.streams, accounts: options.accounts,
                states: [.failed, .shrunk, .running]
            ) { records[$0.identity] = $0 }
            known = (records, runningRun)
        } catch {
            failure = error
            known = ([:], nil)
        }
    }
}
