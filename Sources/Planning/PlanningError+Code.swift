public import ExportModel

extension PlanningError {
    /// What keeps a pipeline from being planned.
    public enum Code: String, ReportedCode {
        case unknownTimeZone = "unknown_time_zone"
        case rangeOffGrid = "range_off_grid"
        case emptyRange = "empty_range"
        case tooManyWindows = "too_many_windows"
        case unknownStream = "unknown_stream"
        case unknownAccount = "unknown_account"
    }
}

extension PlanningError.Code {
    public var explanation: CodeExplanation {
        switch self {
        case .unknownTimeZone:
            CodeExplanation(
                "The machine has no rules for the zone, so days could not be cut.",
                remedy: "Correct `timezone`, or install the tzdata package.")
        case .rangeOffGrid:
            CodeExplanation(
                "A border does not lie on the grid of the windows, so that a part of a window "
                    + "would be exported.",
                remedy:
                    "Write a day for `every: day`, an hour for `every: hour`, a month for `every: "
                    + "month`.")
        case .emptyRange:
            CodeExplanation(
                "The stretch ends before it begins, so that it holds no window.",
                remedy: "Exchange the two borders; the second is exclusive.")
        case .tooManyWindows:
            CodeExplanation(
                "More windows than one plan may hold.",
                remedy: "Choose a shorter stretch, or name streams or accounts.")
        case .unknownStream:
            CodeExplanation(
                "The pipeline has no such stream, so that nothing would have been done.",
                remedy: "Correct `--stream`; `cdrx status` lists them.")
        case .unknownAccount:
            CodeExplanation(
                "The pipeline has no such account, so that nothing would have been done.",
                remedy: "Correct `--account`; `cdrx check` lists them.")
        }
    }
}

extension PlanningError.Code {
    /// What is unknown, for messages.
    public var noun: String { self == .unknownAccount ? "account" : "stream" }
}
