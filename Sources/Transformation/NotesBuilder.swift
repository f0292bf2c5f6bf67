import ExportModel

/// Lists of notes under the provider's names for their parts.
struct NotesBuilder: ColumnBuilder {
    let rule: FieldRule
    private var reader: NotesReader
    private var column = NotesColumn()

    init(rule: FieldRule, fields: NoteFields) {
        self.rule = rule
        reader = NotesReader(fields)
    }

    var values: ColumnValues { .notes(column) }

    mutating func append(_ run: RowRun, failures: inout FailureLog) {
        for index in run.indices {
            let cell = run.cell(index, field: rule.index)
            let reading = read(cell, run)
            if case .value = reading {
                appendNotes(run.raw(cell))
                continue
            }
            column.endRow(isValid: false)
            if let reason = rule.failure(of: reading) {
                failures.record(reason, row: index, order: rule.index)
            }
        }
    }

    private mutating func read(_ cell: RawCell, _ run: RowRun) -> Reading<Void> {
        if cell.kind == .array { return reader.read(run.raw(cell)) }
        var scratch: [UInt8] = []
        return rule.read(cell, run, &scratch) { _, _ in .reject(.wrongType) }
    }

    private mutating func appendNotes(_ text: UnsafeBufferPointer<UInt8>) {
        for note in reader.notes {
            Self.append(note.message, of: text, to: &column.message)
            Self.append(note.agent, of: text, to: &column.agent)
            if let createdAt = note.createdAt {
                column.createdAt.append(createdAt)
            } else {
                column.createdAt.appendNull()
            }
        }
        column.endRow(isValid: true)
    }

    private static func append(
        _ cell: RawCell, of text: UnsafeBufferPointer<UInt8>, to column: inout TextColumn
    ) {
        switch cell.kind {
        case .string where cell.isEscaped:
            column.append {
                JSONText.appendRepaired(UnsafeBufferPointer(rebasing: text[cell.range]), to: &$0)
                return true
            }
        case .string: column.append(UnsafeBufferPointer(rebasing: text[cell.unquotedRange]))
        case .number: column.append(UnsafeBufferPointer(rebasing: text[cell.range]))
        default: column.appendNull()
        }
    }
}

/// Reads one list of notes, checking all of it before any of it is used.
struct NotesReader {
    struct Note {
        var message = RawCell(kind: .missing)
        /// Epoch milliseconds
        var createdAt: Int64?
        var agent = RawCell(kind: .missing)
    }

    /// The notes of the last list read; cells count from the start of its text.
    private(set) var notes: [Note] = []
    /// Whether a note of the last list read has a part that the entry does not name.
    private(set) var hasFurtherFields = false

    private let messageName: [UInt8]
    private let createdAtName: [UInt8]
    private let agentName: [UInt8]
    private var scratch: [UInt8] = []

    init(_ fields: NoteFields) {
        messageName = Array(fields.message.utf8)
        createdAtName = Array(fields.createdAt.utf8)
        agentName = Array(fields.agent.utf8)
    }

    /// - Parameter text: a valid JSON array. An empty one is `nothing`.
    mutating func read(_ text: UnsafeBufferPointer<UInt8>) -> Reading<Void> {
        notes.removeAll(keepingCapacity: true)
        hasFurtherFields = false
        var elements = JSONCursor(text)
        while let element = elements.next() {
            guard element.kind == .object else { return .reject(.wrongType) }
            if let reason = readNote(elements.raw(element), offset: element.offset) {
                return .reject(reason)
            }
        }
        return notes.isEmpty ? .nothing : .value(())
    }

    private mutating func readNote(
        _ text: UnsafeBufferPointer<UInt8>, offset: UInt32
    ) -> Reject.Reason? {
        var note = Note()
        var hasCreatedAt = false
        var members = JSONCursor(text)
        while let name = members.next(), var value = members.next() {
            let raw = members.raw(value)
            value.offset += offset
            let key = self.key(members.raw(name), isEscaped: name.isEscaped)
            if key.elementsEqual(messageName) {
                if note.message.kind != .missing { return .repeated }
                if let reason = Self.checkText(value) { return reason }
                note.message = value
            } else if key.elementsEqual(agentName) {
                if note.agent.kind != .missing { return .repeated }
                if let reason = Self.checkText(value) { return reason }
                note.agent = value
            } else if key.elementsEqual(createdAtName) {
                if hasCreatedAt { return .repeated }
                hasCreatedAt = true
                switch readTime(value, raw) {
                case .value(let time): note.createdAt = time
                case .nothing: break
                case .reject(let reason): return reason
                }
            } else {
                hasFurtherFields = true
            }
        }
        notes.append(note)
        return nil
    }

    private mutating func key(
        _ raw: UnsafeBufferPointer<UInt8>, isEscaped: Bool
    ) -> ArraySlice<UInt8> {
        scratch.removeAll(keepingCapacity: true)
        if !isEscaped || !JSONText.appendUnescaped(raw, to: &scratch) {
            scratch.removeAll(keepingCapacity: true)
            scratch.append(contentsOf: raw.dropFirst().dropLast())
        }
        return scratch[...]
    }

    private static func checkText(_ value: RawCell) -> Reject.Reason? {
        switch value.kind {
        case .string, .number, .null: nil
        default: .wrongType
        }
    }

    private mutating func readTime(
        _ value: RawCell, _ raw: UnsafeBufferPointer<UInt8>
    ) -> Reading<Int64> {
        switch value.kind {
        case .null: return .nothing
        case .number: return NumberFormat.epochMilliseconds.read(raw, kind: .number)
        case .string:
            scratch.removeAll(keepingCapacity: true)
            guard JSONText.appendUnescaped(raw, to: &scratch) else { return .reject(.malformed) }
            return scratch.withUnsafeBufferPointer {
                NumberFormat.epochMilliseconds.read($0, kind: .string)
            }
        default: return .reject(.wrongType)
        }
    }
}
