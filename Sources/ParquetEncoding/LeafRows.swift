import ExportModel

/// The rows of one leaf of a row group: its levels, and the values that are there.
struct LeafRows: Sendable {
    private(set) var rowCount = 0
    /// One a place; none where the maximum is 0.
    private(set) var definitionLevels: [UInt8] = []
    /// One a place; none where the maximum is 0.
    private(set) var repetitionLevels: [UInt8] = []
    /// Inside a list: the place where each row begins. Elsewhere empty, as row `i` is place `i`.
    private(set) var rowStarts: [Int] = []
    private(set) var values = LeafValues()

    /// Places: one for each row, or each element of a list, null and empty lists counting one.
    private(set) var placeCount = 0

    /// The place where row `row` begins; `row` may be the row after the last.
    func place(ofRow row: Int) -> Int {
        if row == rowCount { return placeCount }
        return rowStarts.isEmpty ? row : rowStarts[row]
    }

    /// Forgets the rows and keeps their room.
    mutating func removeAll() {
        (rowCount, placeCount) = (0, 0)
        definitionLevels.removeAll(keepingCapacity: true)
        repetitionLevels.removeAll(keepingCapacity: true)
        rowStarts.removeAll(keepingCapacity: true)
        values.removeAll()
    }

    /// Appends rows of one leaf of a column; only notes have more than one.
    mutating func append(
        _ values: ColumnValues, leaf: Int, rows: Range<Int>, isNullable: Bool
    ) {
        switch values {
        case .text(let column), .json(let column):
            append(column, rows: rows, isNullable: isNullable)
        case .int(let column), .decimal(let column), .timestamp(let column), .date(let column):
            append(column, rows: rows, isNullable: isNullable)
        case .bool(let column): append(column, rows: rows, isNullable: isNullable)
        case .notes(let column):
            let field = NoteField.allCases[leaf]
            append(column, field: field, rows: rows, isNullable: isNullable)
        }
    }

    // MARK: Flat columns

    mutating func append(_ column: TextColumn, rows: Range<Int>, isNullable: Bool) {
        values.append(column, rows: rows)
        appendFlat(column.validity, rows: rows, isNullable: isNullable)
    }

    mutating func append(_ column: NumberColumn, rows: Range<Int>, isNullable: Bool) {
        values.append(column, rows: rows)
        appendFlat(column.validity, rows: rows, isNullable: isNullable)
    }

    mutating func append(_ column: BoolColumn, rows: Range<Int>, isNullable: Bool) {
        for row in rows where column.validity[row] {
            values.booleans.append(column.values[row] ? 1 : 0)
        }
        appendFlat(column.validity, rows: rows, isNullable: isNullable)
    }

    private mutating func appendFlat(
        _ validity: Validity, rows: Range<Int>, isNullable: Bool
    ) {
        rowCount += rows.count
        placeCount += rows.count
        guard isNullable else { return }
        if validity.nullCount == 0 || validity.nullCount == validity.count {
            let level: UInt8 = validity.nullCount == 0 ? 1 : 0
            definitionLevels.append(contentsOf: repeatElement(level, count: rows.count))
            return
        }
        validity.words.withUnsafeBufferPointer { words in
            definitionLevels.extend(by: rows.count) { pointer in
                for row in rows {
                    let level = words[row &>> 6] &>> UInt64(row & 63) & 1
                    pointer.storeBytes(
                        of: UInt8(truncatingIfNeeded: level),
                        toByteOffset: row &- rows.lowerBound, as: UInt8.self)
                }
            }
        }
    }

    // MARK: Lists

    /// Which of a note's fields a leaf holds.
    enum NoteField: CaseIterable {
        case message, createdAt, agent
    }

    /// Appends one field of the notes of `rows`.
    ///
    /// Definition levels, counted from that of a list that is there: 0 an empty list, 1 a note
    /// whose field is null, 2 a field with a value. Below them a null list, where there may be one.
    mutating func append(
        _ column: NotesColumn, field: NoteField, rows: Range<Int>, isNullable: Bool
    ) {
        let notes = column.offsets[rows.lowerBound]..<column.offsets[rows.upperBound]
        let validity: Validity
        switch field {
        case .message: validity = column.message.validity
        case .createdAt: validity = column.createdAt.validity
        case .agent: validity = column.agent.validity
        }
        switch field {
        case .message: values.append(column.message, rows: notes)
        case .createdAt: values.append(column.createdAt, rows: notes)
        case .agent: values.append(column.agent, rows: notes)
        }
        let emptyLevel: UInt8 = isNullable ? 1 : 0
        for row in rows {
            rowStarts.append(definitionLevels.count)
            let elements = column.offsets[row]..<column.offsets[row + 1]
            guard !elements.isEmpty else {
                repetitionLevels.append(0)
                definitionLevels.append(column.validity[row] ? emptyLevel : 0)
                continue
            }
            for element in elements {
                repetitionLevels.append(element == elements.lowerBound ? 0 : 1)
                definitionLevels.append(emptyLevel + (validity[element] ? 2 : 1))
            }
        }
        rowCount += rows.count
        placeCount = definitionLevels.count
    }
}
