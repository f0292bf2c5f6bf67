import ExportModel
import ExportRun
import Planning

/// What many windows of a plan have in common, made once: accounts of one window follow each other.
struct PlanTexts {
    /// The window as reports have it.
    struct Times {
        var key: String
        var start: String?
        var end: String?
    }

    private struct Kind: Hashable {
        var reason: PlannedWindow.Reason
        var state: ReportedState
    }

    private var latest: (window: Window, times: Times)?
    private var explanations: [Kind: String] = [:]

    mutating func times(of window: Window) -> Times {
        if let latest, latest.window == window { return latest.times }
        let times = Times(
            key: "\(window.key)", start: window.range?.start.iso8601,
            end: window.range?.end.iso8601)
        latest = (window, times)
        return times
    }

    mutating func explanation(of window: DescribedWindow) -> String {
        if window.record != nil { return window.explanation }
        let kind = Kind(reason: window.planned.reason, state: window.state)
        if let known = explanations[kind] { return known }
        let text = window.explanation
        explanations[kind] = text
        return text
    }
}
