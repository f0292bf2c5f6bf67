import ExportModel
import Planning

/// Counts the account windows of a plan as they begin and end.
struct WindowMeters: Sendable {
    private struct Place: Sendable {
        var meter: StreamMeter
        /// Among the stream's windows in the plan.
        var index: Int
    }

    private let places: [Place]

    init(_ windows: [PlannedWindow], _ meter: RunMeter) {
        var counts: [Int: Int] = [:]
        places = windows.map { window in
            let index = counts[window.streamIndex, default: 0]
            counts[window.streamIndex] = index + 1
            return Place(meter: meter.stream(window.streamIndex), index: index)
        }
    }

    /// - Parameter index: into the plan's windows.
    func begin(_ index: Int) {
        places[index].meter.begin(window: places[index].index)
    }

    /// Notes the account windows that end with an outcome of the board.
    func endWalks(_ outcome: RunBoard<AccountRun>.Outcome) {
        let ends: [AccountEnd]
        switch outcome {
        case .ended(let end): ends = [end]
        case .archived(_, let ended): ends = ended
        default: return
        }
        for end in ends {
            places[end.index].meter.endWalk(
                window: places[end.index].index, isComplete: end.result.isComplete)
        }
    }

    /// - Parameter index: into the plan's windows.
    func end(_ index: Int, _ result: WindowResult) {
        places[index].meter.end(window: places[index].index, isComplete: result.isComplete)
    }
}

extension WindowResult {
    fileprivate var isComplete: Bool {
        status != .interrupted && status != .skipped && failure == nil
    }
}

extension RunEvent {
    /// A run begins.
    init(_ plan: Plan, command: String) {
        let count = plan.windows.count
        let streams = Set(plan.windows.map(\.streamIndex)).count
        self.init(
            .runStarted,
            count == 0
                ? "no window is to be exported"
                : "\(count, "window") of \(streams, "stream") to export",
            [
                (.command, .text(command)), (.windows, .count(count)),
                (.skippedComplete, .count(plan.skippedComplete)),
                (.notDue, .count(plan.notDue.count)),
            ])
    }
}
