import ExportModel
import Foundation

extension Manifest {
    /// The file's bytes: members in the contract's order, indented, a line break at the end.
    public var json: [UInt8] {
        let times: [(String, JSONNode)] = [
            ("first_started_at", firstStartedAt?.json ?? .null),
            ("last_started_at", lastStartedAt?.json ?? .null),
        ]
        let columns = columns.map { column in
            JSONNode.object([("name", .text(column.name)), ("type", .text(column.type))])
        }
        return JSONNode.object(
            [
                ("manifest_version", .integer(manifestVersion)), ("pipeline", .text(pipeline)),
                ("stream", .text(stream)), ("endpoint", .text(endpoint)),
                ("account", .text(account)), ("window", window.json), ("status", .text(status)),
                ("rows", .integer(rows)), ("rejects", .integer(rejects)),
                ("duplicates", .integer(duplicates)), ("outside_window", .integer(outsideWindow)),
                ("reported_total", .integer(reportedTotal)),
                ("reconciled", .bool(reconciled)),
            ] + times + [
                ("columns", .list(columns)), ("schema_sha256", .text(schemaSHA256)),
                ("files", .list(files.map(\.json))), ("rejects_file", .optional(rejectsFile)),
                ("run_id", .text(runID)), ("extracted_at", extractedAt.json),
                ("tool", .text(tool)),
            ]
        ).prettyPrinted
    }

    /// Reads a manifest file.
    ///
    /// - Parameter path: for the message.
    /// - Throws: ``PartitionError/Code/manifestUnreadable``.
    public init(json: [UInt8], path: String) throws(PartitionError) {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(json))
        } catch {
            throw PartitionError(
                .manifestUnreadable,
                "\(path) is not a manifest: \(Self.place(of: error)); export the window again",
                cause: error)
        }
        guard manifestVersion == Self.version else {
            throw PartitionError(
                .manifestUnreadable,
                "\(path) has manifest version \(manifestVersion), this cdrx reads "
                    + "\(Self.version); use the version that wrote it")
        }
    }

    /// Whether both describe the same data, whenever and by whichever run it was extracted.
    func hasSameContent(as other: Manifest) -> Bool {
        var other = other
        other.duplicates = duplicates
        other.outsideWindow = outsideWindow
        other.reportedTotal = reportedTotal
        other.runID = runID
        other.extractedAt = extractedAt
        other.tool = tool
        return self == other
    }

    private static func place(of error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "it lacks \(key.stringValue)"
        case DecodingError.typeMismatch(_, let context),
            DecodingError.valueNotFound(_, let context):
            "wrong type at \(context.codingPath.map(\.stringValue).joined(separator: "."))"
        default: "it is not valid JSON"
        }
    }
}

extension ManifestWindow {
    fileprivate var json: JSONNode {
        .object([
            ("key", .text(key)), ("start", start?.json ?? .null), ("end", end?.json ?? .null),
            ("timezone", .text(timezone)),
        ])
    }
}
