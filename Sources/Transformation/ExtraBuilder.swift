import ExportModel

/// Everything of a row that has no column of its own, as one JSON object in the provider's order
/// with raw values (but see ``JSONText/replaceRefusedEscapes(in:from:)``); null where there is
/// nothing.
struct ExtraBuilder: ColumnBuilder {
    /// A documented field that may have to go here.
    struct KnownField: Sendable {
        var index: Int
        /// Quoted, with a colon after.
        var key: [UInt8]
        /// Where set, the field comes only if its notes say more than these parts.
        var notes: NoteFields?

        init(_ field: Field, index: Int, notes: NoteFields? = nil) {
            self.index = index
            var key: [UInt8] = []
            JSONText.appendQuoted(field.name, to: &key)
            key.append(UInt8(ascii: ":"))
            self.key = key
            self.notes = notes
        }
    }

    private let known: [KnownField]
    private var readers: [NotesReader?]
    private var column = TextColumn()
    /// Places in ``known`` of the row's fields, ordered as in the row.
    private var present: [Int] = []

    init(_ known: [KnownField]) {
        self.known = known
        readers = known.map { $0.notes.map(NotesReader.init) }
    }

    var values: ColumnValues { .json(column) }

    mutating func append(_ run: RowRun, failures: inout FailureLog) {
        for index in run.indices {
            collectKnown(index, run, &failures)
            let unknown = run.unknownFields(of: index)
            if present.isEmpty, unknown.isEmpty {
                column.appendNull()
                continue
            }
            if let name = Self.repeatedName(unknown, run) {
                failures.record(.repeated, row: index, order: .max, unknownName: name)
            }
            let writer = ObjectWriter(run: run, known: known, present: present, unknown: unknown)
            column.append { bytes in
                writer.appendObject(of: index, to: &bytes)
                return true
            }
        }
    }

    private mutating func collectKnown(
        _ index: Int, _ run: RowRun, _ failures: inout FailureLog
    ) {
        present.removeAll(keepingCapacity: true)
        for place in known.indices {
            let cell = run.cell(index, field: known[place].index)
            if cell.kind == .missing { continue }
            if cell.kind == .repeated {
                failures.record(.repeated, row: index, order: known[place].index)
            }
            if known[place].notes != nil, !hasFurtherNotes(place, cell, run) { continue }
            var slot = present.count
            present.append(place)
            while slot > 0,
                run.cell(index, field: known[present[slot - 1]].index).position > cell.position
            {
                present.swapAt(slot, slot - 1)
                slot -= 1
            }
        }
    }

    private mutating func hasFurtherNotes(_ place: Int, _ cell: RawCell, _ run: RowRun) -> Bool {
        guard cell.kind == .array, var reader = readers[place] else { return false }
        readers[place] = nil
        defer { readers[place] = reader }
        guard case .value = reader.read(run.raw(cell)) else { return false }
        return reader.hasFurtherFields
    }

    // MARK: Repeated names

    /// A name that two of the unknown fields share, escapes resolved.
    private static func repeatedName(_ fields: Range<Int>, _ run: RowRun) -> String? {
        if fields.count < 2 { return nil }
        if fields.count > 16 || fields.contains(where: { isEscaped($0, run) }) {
            var seen: Set<[UInt8]> = []
            for field in fields {
                let name = name(field, run)
                if !seen.insert(name).inserted { return String(decoding: name, as: UTF8.self) }
            }
            return nil
        }
        for second in fields.dropFirst() {
            for first in fields.lowerBound..<second
            where run.unknownFields[first].prefix == run.unknownFields[second].prefix
                && run.bytes(run.unknownFields[first].name)
                    .elementsEqual(run.bytes(run.unknownFields[second].name))
            {
                return String(decoding: name(second, run), as: UTF8.self)
            }
        }
        return nil
    }

    private static func isEscaped(_ field: Int, _ run: RowRun) -> Bool {
        run.bytes(run.unknownFields[field].name).contains(UInt8(ascii: "\\"))
    }

    private static func name(_ field: Int, _ run: RowRun) -> [UInt8] {
        var quoted: [UInt8] = []
        run.appendName(run.unknownFields[field], to: &quoted)
        var name: [UInt8] = []
        quoted.withUnsafeBufferPointer { JSONText.appendRepaired($0, to: &name) }
        return name
    }
}

/// Writes one row's object.
private struct ObjectWriter {
    let run: RowRun
    let known: [ExtraBuilder.KnownField]
    /// Places in `known` of the row's fields, ordered as in the row.
    let present: [Int]
    /// Places of the row's unknown fields.
    let unknown: Range<Int>

    /// Merges the known and the unknown fields, each in the row's order.
    func appendObject(of index: Int, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        var nextUnknown = unknown.lowerBound
        for place in present {
            let cell = run.cell(index, field: known[place].index)
            while nextUnknown < unknown.upperBound,
                run.unknownFields[nextUnknown].value.position < cell.position
            {
                append(run.unknownFields[nextUnknown], to: &bytes)
                nextUnknown += 1
            }
            bytes.append(contentsOf: known[place].key)
            append(cell, to: &bytes)
        }
        for place in nextUnknown..<unknown.upperBound {
            append(run.unknownFields[place], to: &bytes)
        }
        bytes[bytes.count - 1] = UInt8(ascii: "}")
    }

    private func append(_ field: UnknownField, to bytes: inout [UInt8]) {
        let start = bytes.count
        run.appendName(field, to: &bytes)
        JSONText.replaceRefusedEscapes(in: &bytes, from: start)
        bytes.append(UInt8(ascii: ":"))
        append(field.value, to: &bytes)
    }

    /// Appends the raw value and a comma.
    private func append(_ cell: RawCell, to bytes: inout [UInt8]) {
        run.appendJSON(cell, to: &bytes)
        bytes.append(UInt8(ascii: ","))
    }
}
