import ExportModel
import Foundation

extension Manifest {
    /// The file's bytes: members in the contract's order, indented, a line break at the end.
    public var json: [UInt8] {
        JSONNode.object([
            ("manifest_version", .integer(manifestVersion)), ("pipeline", .text(pipeline)),
            ("stream", .text(stream)), ("endpoint", .text(endpoint)), ("window", window.json),
            ("bucket", bucket?.json ?? .null), ("complete", .bool(complete)),
            ("accounts", .list(accounts.map(\.json))),
            ("rows", .integer(rows)), ("rejects", .integer(rejects)),
            ("columns", .list(columns.map(\.json))),
            ("schema_sha256", .text(schemaSHA256)), ("content_sha256", .text(contentSHA256)),
            ("settings_sha256", .text(settingsSHA256)),
            ("files", .list(files.map(\.json))), ("rejects_file", .optional(rejectsFile)),
            ("run_id", .text(runID)), ("published_at", publishedAt.json), ("tool", .text(tool)),
        ]).prettyPrinted
    }

    /// Reads a manifest file.
    ///
    /// - Parameter path: for the message.
    /// - Throws: ``PartitionError/Code/manifestUnreadable``.
    public init(json: [UInt8], path: String) throws(PartitionError) {
        do {
            let data = Data(json)
            let found = try JSONDecoder().decode(Version.self, from: data).manifestVersion
            switch found {
            case ManifestVersion1.version:
                self.init(try JSONDecoder().decode(ManifestVersion1.self, from: data))
            case Self.version: self = try JSONDecoder().decode(Self.self, from: data)
            default:
                throw PartitionError(
                    .manifestUnreadable,
                    "\(path) has manifest version \(found), this cdrx reads "
                        + "\(ManifestVersion1.version) and \(Self.version); use the version that "
                        + "wrote it")
            }
        } catch let error as PartitionError {
            throw error
        } catch {
            throw PartitionError(
                .manifestUnreadable,
                "\(path) is not a manifest: \(Self.place(of: error)); export the window again",
                cause: error)
        }
    }

    /// The one field that every version has.
    private struct Version: Decodable {
        var manifestVersion: Int

        enum CodingKeys: String, CodingKey {
            case manifestVersion = "manifest_version"
        }
    }

    /// Whether both describe the same data in the same parts, whenever and by whichever run, zlib
    /// and level it was written.
    func hasSameContent(as other: Manifest) -> Bool {
        comparable == other.comparable
    }

    /// The manifest without what differs between two extractions of the same content.
    private var comparable: Manifest {
        var copy = self
        let never = ManifestTime(Timestamp(epochMilliseconds: 0))
        for index in accounts.indices {
            copy.accounts[index].answered = nil
            copy.accounts[index].missed = nil
            copy.accounts[index].duplicates = 0
            copy.accounts[index].outsideWindow = 0
            copy.accounts[index].reportedTotal = 0
            copy.accounts[index].extractedAt = never
            // The ledger has the latest.
            if accounts[index].state == .missing { copy.accounts[index].reason = "" }
        }
        for index in files.indices {
            copy.files[index].bytes = 0
            copy.files[index].sha256 = ""
            copy.files[index].etag = nil
            copy.files[index].versionID = nil
        }
        copy.runID = ""
        copy.publishedAt = never
        copy.tool = ""
        return copy
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

extension ManifestBucket {
    fileprivate var json: JSONNode {
        .object([("index", .integer(index)), ("count", .integer(count))])
    }
}

extension ManifestAccount {
    fileprivate var json: JSONNode {
        .object([
            ("account", .text(account)), ("state", .text(state.rawValue)),
            ("reason", .optional(reason)), ("rows", .integer(rows)),
            ("answered", answered.map { .integer($0) } ?? .null),
            ("missed", missed.map { .integer($0) } ?? .null),
            ("rejects", .integer(rejects)), ("duplicates", .integer(duplicates)),
            ("outside_window", .integer(outsideWindow)),
            ("reported_total", .integer(reportedTotal)),
            ("verified_by", .optional(verifiedBy?.rawValue)), ("reconciled", .bool(reconciled)),
            ("first_started_at", firstStartedAt?.json ?? .null),
            ("last_started_at", lastStartedAt?.json ?? .null),
            ("extracted_at", extractedAt?.json ?? .null),
            ("sha256", .optional(sha256)),
        ])
    }
}

extension ManifestColumn {
    /// As manifests and run files list it.
    var json: JSONNode { .object([("name", .text(name)), ("type", .text(type))]) }
}
