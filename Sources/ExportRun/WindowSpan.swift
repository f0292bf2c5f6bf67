public import ExportModel
import PipelineFile

/// Windows whose start lies in `[from, to)`, by their keys. Request lists have no dates, so that no
/// span holds them.
public struct WindowSpan: Hashable, Sendable {
    public var from: LocalHour
    public var to: LocalHour

    public init(from: LocalHour, to: LocalHour) {
        self.from = from
        self.to = to
    }

    /// - Parameter key: ``WindowKey/description``
    func contains(_ key: String) -> Bool {
        LocalHourText.parse(String(key.prefix(13))).map { from <= $0 && $0 < to } ?? false
    }

    /// Whether a partition's directory may be that of a window of the span: `dt=…` and `month=…` say
    /// so before its manifest is read.
    func mayContain(directory: String) -> Bool {
        for component in directory.split(separator: "/") {
            for key in ["dt=", "month="] where component.hasPrefix(key) {
                guard let hour = LocalHourText.parse(String(component.dropFirst(key.count))) else {
                    return false
                }
                // An hour of the day may lie in the span though its beginning does not.
                return from.date <= hour.date && (hour.date < to.date || hour < to)
            }
        }
        return false
    }
}
