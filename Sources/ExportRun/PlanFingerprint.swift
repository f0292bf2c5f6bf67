import ExportModel
import Publication
import RunLedger

/// Names what decides what a window holds: one comparable text for its journal, a digest for its
/// published files.
enum PlanFingerprint {
    /// What archived slices of an account window are an answer to: what the provider is asked, and
    /// what shows that its answers are whole. Columns and format are not a part: they are applied
    /// to what was read.
    ///
    /// - Parameter published: id of the version that is published, so that slices which outlived
    ///   their publication are never taken for the beginning of a refresh.
    static func archive(
        of stream: Stream, window: Window, requests: RequestIDs?, published: String?
    ) -> String {
        let bounds = window.range.map {
            "\($0.start.epochMilliseconds)..<\($0.end.epochMilliseconds)"
        }
        return question(of: stream)
            + "url \(stream.baseURL)\n"
            + "window \(bounds ?? "none")\nrequests \(requests?.sha256 ?? "none")\n"
            + "published \(published ?? "never")\n"
    }

    /// The part of ``archive(of:window:requests:published:)`` that says which records a provider
    /// is asked for, and what shows that its answers are whole. Archived answers to another question are never published under today's.
    static func question(of stream: Stream) -> String {
        let request = stream.endpoint.request
        let window = request.window.map {
            "\($0.names) \($0.format.name) \($0.startBound) \($0.endBound) \($0.selects) "
                + "\($0.reachMilliseconds) \($0.timeZone?.identifier ?? "-")"
        }
        return source(of: stream)
            + "request \(request.method.rawValue) \(request.path) "
            + "\(request.requestID?.name ?? "-") \(window ?? "-")\n"
            + "total \(stream.endpoint.response.total) \(VerificationBasis(stream).rawValue)\n"
    }

    /// What decides the content of a stream's files besides the records themselves, as a digest.
    ///
    /// Left out is what changes no value, no name and no kind of file: levels, sizes of parts,
    /// bloom filters, rates, lanes, limits and which windows are due; and the base URL: a provider
    /// that moves keeps its records.
    static func content(of stream: Stream, output: OutputOptions) -> String {
        let columns = stream.columns.columns.map {
            "column \($0.column.name) \($0.column.type.name) \($0.source)\n"
        }
        let fields = stream.endpoint.fields.map { field in
            "field \(field.name) \(field.sources) \(field.type) \(field.column?.rawValue ?? "-") "
                + "\(field.isRequired) \(field.sentinels) \(field.staysInExtra) "
                + "\(words(field.translation)) \(field.notes.map { "\($0)" } ?? "-")\n"
        }
        let settings =
            "stream \(stream.name)\n" + source(of: stream)
            + "expand \(stream.endpoint.response.expand?.description ?? "-")\n"
            + columns.joined() + fields.joined()
            + files(output)
        return ContentDigest.hexadecimal(of: Array(settings.utf8))
    }

    /// What the provider is asked, and which records its answers hold.
    private static func source(of stream: Stream) -> String {
        let endpoint = stream.endpoint
        let parameters = (endpoint.request.fixed + stream.parameters).map {
            "\($0.name)=\($0.value.text)"
        }
        let identity = (endpoint.key + [endpoint.timeField]).compactMap(endpoint.fieldIndex).map {
            "\(endpoint.fields[$0].sources) \(endpoint.fields[$0].type)"
        }
        return """
            endpoint \(endpoint.id)
            parameters \(parameters.joined(separator: "&"))
            rows \(endpoint.response.rows) \(endpoint.response.body.rawValue)
            key \(endpoint.key) \(endpoint.keyHasOrdinal) time \(endpoint.timeField)
            identity \(identity)
            zone \(stream.sourceZone.identifier)

            """
    }

    /// How files are written.
    private static func files(_ output: OutputOptions) -> String {
        let dialect =
            switch output.format {
            case .csv:
                "\(output.csv.delimiter) \(output.csv.hasHeader) '\(output.csv.null)' "
                    + "\(output.csv.newline.rawValue) \(output.timestamps.rawValue)"
            case .ndjson: output.timestamps.rawValue
            case .parquet: "pages \(output.parquet.dataPageVersion)"
            }
        return "format \(output.format.rawValue) \(output.compression.rawValue) \(dialect)\n"
    }

    /// A dictionary's own description has no fixed order.
    private static func words(_ translation: Translation?) -> String {
        guard let translation else { return "-" }
        let values = translation.values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "\(values) \(translation.others.rawValue)"
    }
}
