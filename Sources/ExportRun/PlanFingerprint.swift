import ExportModel

/// Names all that decides what a window's journal holds and what is made of it.
enum PlanFingerprint {
    /// One comparable text.
    ///
    /// - Parameter publishedBy: the run that published the window last, so that a journal which
    ///   outlived its publication is never taken for the beginning of a refresh.
    static func text(
        stream: Stream, output: OutputOptions, window: Window, publishedBy: String?
    ) -> String {
        let parameters = stream.parameters.map { "\($0.name)=\($0.value.text)" }
        let columns = stream.columns.columns.map {
            "\($0.column.name):\($0.column.type.name):\($0.source)"
        }
        let bounds = window.range.map {
            "\($0.start.epochMilliseconds)..<\($0.end.epochMilliseconds)"
        }
        return [
            "endpoint \(stream.endpoint.id)", "url \(stream.baseURL)\(stream.endpoint.request.path)",
            "parameters \(parameters.joined(separator: "&"))", "window \(bounds ?? "none")",
            "zone \(stream.sourceZone.identifier)", "columns \(columns.joined(separator: ","))",
            "format \(output.format.rawValue) \(output.compression.rawValue)",
            "published by \(publishedBy ?? "none")",
        ].joined(separator: "\n")
    }
}
