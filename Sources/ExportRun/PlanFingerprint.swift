import ExportModel
import RunLedger

/// Names all that decides what a window's journal holds and what is made of it.
enum PlanFingerprint {
    /// One comparable text.
    ///
    /// - Parameter standing: the window's last publication, so that a journal which outlived it is
    ///   never taken for the beginning of a refresh.
    static func text(
        stream: Stream, output: OutputOptions, window: Window, standing: WindowOutcome?
    ) -> String {
        let parameters = stream.parameters.map { "\($0.name)=\($0.value.text)" }
        let columns = stream.columns.columns.map {
            "\($0.column.name):\($0.column.type.name):\($0.source)"
        }
        let bounds = window.range.map {
            "\($0.start.epochMilliseconds)..<\($0.end.epochMilliseconds)"
        }
        return [
            "endpoint \(stream.endpoint.id)",
            "url \(stream.baseURL)\(stream.endpoint.request.path)",
            "parameters \(parameters.joined(separator: "&"))", "window \(bounds ?? "none")",
            "zone \(stream.sourceZone.identifier)", "columns \(columns.joined(separator: ","))",
            "format \(output.format.rawValue) \(output.compression.rawValue)",
            "published \(standing.map { "\($0.runID) \($0.publishedAt.iso8601)" } ?? "never")",
        ].joined(separator: "\n")
    }
}
