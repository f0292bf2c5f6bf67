import Archive
import ExportModel
import Extraction
import Planning
import RunLedger

/// Reads the request ids that the rows of one stream give to another (`for_each`), from what the
/// archive has of the same account window. Any thread may call.
struct ParentIDs: Sendable {
    let pipeline: Pipeline
    let ledger: Ledger
    let archive: Archive
    let sessions: AccountSessions
    let environment: RunEnvironment

    /// Of a pipeline that no run has open; nil before the first run, when no stream has ids for
    /// another.
    static func ofLastRun(
        _ pipeline: Pipeline, _ sessions: AccountSessions, _ environment: RunEnvironment
    ) throws(ExportError) -> ParentIDs? {
        let ledger = try storing(
            try Ledger.openReadOnly(pipeline.stateDirectory, output: pipeline.output.identity))
        let archive = Archive(
            pipeline.stateDirectory.path, pipeline: pipeline.name, fileSystem: environment.disk)
        return ledger.map { ledger in
            ParentIDs(
                pipeline: pipeline, ledger: ledger, archive: archive, sessions: sessions,
                environment: environment)
        }
    }

    /// The values of a field, each once, in the order of the parent's rows: by time, then by key.
    /// Rows without a value have nothing to ask for.
    ///
    /// - Throws: `parent_incomplete` unless the parent's account window is complete and the archive
    ///   has the version that is published; `parent_without_ids` where its rows do not have the
    ///   field, or have no id in it.
    func ids(
        _ parent: ParentField, account: String, window: Window
    ) throws(ExportError) -> RequestIDs {
        guard let streamIndex = pipeline.streams.firstIndex(where: { $0.name == parent.stream }),
            let accountIndex = pipeline.streams[streamIndex].accounts.firstIndex(where: {
                $0.name == account
            })
        else { throw incomplete(parent, account, window, "it is not in the pipeline") }
        let stream = pipeline.streams[streamIndex]
        let extractor = WindowExtractor(
            stream: stream,
            session: sessions.session(streamIndex: streamIndex, accountIndex: accountIndex),
            transport: environment.transport, environment: environment.clock)
        do throws(ExportError) {
            let archived = try archiving(
                try archive.window(stream: parent.stream, key: "\(window.key)"))
            let version = try version(parent, account, window, in: archived)
            let slices = try ArchivedSlices(version, in: archived, extractor, of: window)
            var values = FieldValues(of: stream.endpoint, field: parent.field)
            while let (slice, _) = try slices.next() {
                if let row = values.take(slice) {
                    throw withoutIDs(parent, account, window, "one of its records has \(row)")
                }
            }
            if values.isFieldMissing {
                throw withoutIDs(
                    parent, account, window, "none of its \(values.rowCount) records has the field")
            }
            return RequestIDs(values.ids)
        } catch {
            guard ArchivedSlices.isUnreadable(error) else { throw error }
            throw incomplete(parent, account, window, "its archive is damaged")
        }
    }

    /// The version that is published, if it is all that the provider has.
    private func version(
        _ parent: ParentField, _ account: String, _ window: Window, in archive: WindowArchive
    ) throws(ExportError) -> ArchivedVersion {
        let identity = WindowIdentity(
            pipeline: pipeline.name, stream: parent.stream, account: account,
            window: "\(window.key)")
        guard let record = try storing(try ledger.window(identity)) else {
            throw incomplete(parent, account, window, "it was not exported yet")
        }
        guard record.state == .complete, let id = record.publishedVersionID else {
            throw incomplete(parent, account, window, "it is \(record.state.rawValue)")
        }
        guard record.range == window.range else {
            throw incomplete(parent, account, window, "it was exported with other bounds")
        }
        guard let version = archive.latest(of: account), version.id == id else {
            throw incomplete(
                parent, account, window, "the archive does not have what is published of it")
        }
        return version
    }

    private func incomplete(
        _ parent: ParentField, _ account: String, _ window: Window, _ reason: String
    ) -> ExportError {
        ExportError(
            .configuration, code: .parentIncomplete,
            message: """
                the request ids are rows of stream '\(parent.stream)', whose window \(window.key) of \
                account '\(account)' is not complete (\(reason)); export it, if need be with \
                backfill --force --stream \(parent.stream), and run again
                """)
    }

    private func withoutIDs(
        _ parent: ParentField, _ account: String, _ window: Window, _ reason: String
    ) -> ExportError {
        ExportError(
            .configuration, code: .parentWithoutIDs,
            message: """
                window \(window.key) of account '\(account)' of stream '\(parent.stream)' does not give \
                request ids: field '\(parent.field)' was asked for, and \(reason); name the field \
                that has them
                """)
    }
}

/// Collects the values of one field over slices.
private struct FieldValues {
    private let field: Int
    private let mayBeAbsent: Bool
    private let sentinels: Set<String>
    private var seen: Set<String> = []
    private var hasField = false
    private(set) var ids: [String] = []
    private(set) var rowCount = 0

    init(of endpoint: Endpoint, field name: String) {
        guard let field = endpoint.fieldIndex(name) else {
            preconditionFailure("the reader of the pipeline file looked the field up")
        }
        self.field = field
        mayBeAbsent = endpoint.fields[field].mayBeAbsent
        sentinels = Set(endpoint.fields[field].sentinels)
    }

    /// Whether there are rows, and the provider sends none with the field, though it should.
    var isFieldMissing: Bool { rowCount > 0 && !hasField && !mayBeAbsent }

    /// - Returns: what stands in place of an id, if a row has something else.
    mutating func take(_ slice: ExtractedSlice) -> String? {
        for reference in slice.rows {
            rowCount += 1
            let page = slice.pages[Int(reference.page)]
            let cell = page.cell(row: Int(reference.row), field: field)
            var bytes: [UInt8] = []
            switch cell.kind {
            case .missing: continue
            case .null:
                hasField = true
                continue
            case .string:
                let isText = page.body.withUnsafeBufferPointer {
                    JSONText.appendUnescaped(
                        UnsafeBufferPointer(rebasing: $0[cell.range]), to: &bytes)
                }
                guard isText else { return "text that cannot be read" }
            case .number: bytes = Array(page.body[cell.range])
            case .true, .false: return "true or false"
            case .array: return "a list"
            case .object: return "an object"
            case .repeated: return "the field twice"
            }
            hasField = true
            guard let id = String(validating: bytes, as: UTF8.self) else {
                return "text that is not UTF-8"
            }
            if id.unicodeScalars.contains(where: { $0.value < 32 }) {
                return "text of several lines"
            }
            if id.isEmpty || sentinels.contains(id) || !seen.insert(id).inserted { continue }
            ids.append(id)
        }
        return nil
    }
}
