import ExportModel
import Foundation
import PartitionFormats
import Transformation

extension EndpointTrial.Outcome {
    /// Characters of an example that are shown.
    private static let exampleLength = 60

    /// Types the records as a partition would have them, and as the entry names them.
    mutating func take(
        _ slice: ExtractedSlice, of stream: ExportModel.Stream
    ) throws(ExportError) {
        let endpoint = stream.endpoint
        recordCount = slice.rows.count + slice.unidentified.count
        let unified = try transformed(slice, .unified, stream)
        rejects = unified.slice.rejects
        if let batch = unified.batches.first {
            let shown = 0..<min(batch.rowCount, EndpointTrial.shownCount)
            rows = batch.lines(shown)
            columns = zip(unified.plan.columns, batch.columns).compactMap { column, values in
                endpoint.words(on: column.source).map { source in
                    EndpointTrial.Column(
                        name: column.column.name, source: source,
                        values: RecordBatch(column.column, values).values(shown))
                }
            }
        }
        let occurring = unified.slice.occurringFields
        absent = endpoint.fields.indices.filter { !occurring.contains($0) && recordCount > 0 }
            .map { endpoint.fields[$0].name }
        // In the native columns, `extra` holds only what no field reads.
        let sources = endpoint.fields.flatMap(\.sources).map(\.steps)
        let native = try transformed(slice, .native, stream)
        for batch in native.batches {
            guard let column = native.plan.columns.last, let values = batch.columns.last else {
                continue
            }
            for text in RecordBatch(column.column, values).values(0..<batch.rowCount) {
                takeUnread(of: Array(text.utf8), sources)
            }
        }
        for reject in rejects { takeUnread(of: reject.raw, sources) }
    }

    private mutating func takeUnread(of text: [UInt8], _ sources: [[JSONPath.Step]]) {
        guard let value = try? JSONSerialization.jsonObject(with: Data(text)) as? [String: Any]
        else { return }
        for (path, value) in Self.unread(value, at: [], sources) {
            let name = "\(JSONPath(steps: path))"
            if value is NSNull || unread.contains(where: { $0.name == name }) { continue }
            let json = try? JSONSerialization.data(
                withJSONObject: value, options: [.fragmentsAllowed, .withoutEscapingSlashes])
            let example = json.map { String(decoding: $0, as: UTF8.self) } ?? ""
            let cut =
                example.count > Self.exampleLength
                ? example.prefix(Self.exampleLength) + "…" : example
            unread.append(EndpointTrial.UnreadMember(name: name, example: cut))
        }
    }

    /// The parts of a value that no source takes, the largest that are whole.
    private static func unread(
        _ value: Any, at path: [JSONPath.Step], _ sources: [[JSONPath.Step]]
    ) -> [(path: [JSONPath.Step], value: Any)] {
        if sources.contains(path) { return [] }
        guard sources.contains(where: { $0.starts(with: path) }) else { return [(path, value)] }
        if let members = value as? [String: Any] {
            return members.sorted { $0.key < $1.key }.flatMap { name, member in
                unread(member, at: path + [.key(name)], sources)
            }
        }
        return (value as? [Any] ?? []).enumerated().flatMap { index, element in
            let place = path + [.index(index)]
            let isNamed = sources.contains { $0.starts(with: place) }
            return unread(element, at: isNamed ? place : path + [.each], sources)
        }
    }

    private func transformed(
        _ slice: ExtractedSlice, _ pick: ColumnPick, _ stream: ExportModel.Stream
    ) throws(ExportError) -> (plan: ColumnPlan, slice: TransformedSlice, batches: [RecordBatch]) {
        guard let plan = ColumnPlan(ColumnSelection([pick]), of: stream.endpoint) else {
            preconditionFailure("unified and native columns need no settings")
        }
        let transformer = RowTransformer(
            endpoint: stream.endpoint, plan: plan, account: account, sourceZone: stream.sourceZone)
        var batches: [RecordBatch] = []
        let result = transformer.transform(slice) { batches.append($0.batch) }
        return (plan, result, batches)
    }
}

extension Endpoint {
    /// What fills a column; nil where nothing does.
    fileprivate func words(on source: ColumnSource) -> String? {
        switch source {
        case .constant: "constant"
        case .account: "account"
        case .requestID: request.requestID?.name
        case .native(let index), .mapped(let index):
            fields[index].sources.map(\.description).joined(separator: ", ")
        case .presence(let index, _, _): "whether there is \(fields[index].name)"
        case .ordinal: "place in the record"
        case .extra: "all other fields"
        case .nothing, .derived: nil
        }
    }
}

extension RecordBatch {
    /// A single column.
    fileprivate init(_ column: ExportModel.Column, _ values: ColumnValues) {
        self.init(
            schema: TableSchema(columns: [column]), rowCount: values.count, columns: [values])
    }

    /// NDJSON without line ends.
    fileprivate func lines(_ rows: Range<Int>) -> [String] {
        if rows.isEmpty { return [] }
        var encoder = NDJSONEncoder(schema, timestamps: .iso8601)
        var output: [UInt8] = []
        _ = encoder.append(self, rows: rows, limit: .max, to: &output)
        return output.split(separator: UInt8(ascii: "\n")).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    /// The JSON texts of the only column.
    fileprivate func values(_ rows: Range<Int>) -> [String] {
        lines(rows).map { line in
            String(line.dropFirst(#"{"":"#.count + schema.columns[0].name.count).dropLast())
        }
    }
}
