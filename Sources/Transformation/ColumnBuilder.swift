import ExportModel

/// Fills one output column, a run of rows at a time.
///
/// ``RowTransformer`` calls ``append(_:failures:)`` once per run, in the order of the rows, then
/// ``values`` once. A row that fails still gets a null, so that columns stay equally long; the
/// whole pass is repeated without such rows.
protocol ColumnBuilder {
    mutating func append(_ run: RowRun, failures: inout FailureLog)
    /// The finished column: one value for each row appended.
    var values: ColumnValues { get }
}

/// The same text in every row, or the request's id where the text is nil.
struct ConstantTextBuilder: ColumnBuilder {
    let text: String?
    private var column = TextColumn()

    init(text: String?, rowCount: Int) {
        self.text = text
        column.reserveCapacity(
            rowCount: rowCount, byteCount: rowCount * (text?.utf8.count ?? 0))
    }

    var values: ColumnValues { .text(column) }

    mutating func append(_ run: RowRun, failures: inout FailureLog) {
        guard var constant = text ?? run.requestID else {
            column.appendNulls(rowCount: run.indices.count)
            return
        }
        constant.withUTF8 { column.append($0, rowCount: run.indices.count) }
    }
}

/// The place of a row among those of its record; null where the record is one row.
struct OrdinalBuilder: ColumnBuilder {
    private var column = TextColumn()

    var values: ColumnValues { .text(column) }

    mutating func append(_ run: RowRun, failures: inout FailureLog) {
        for index in run.indices {
            let ordinal = run.ordinals.isEmpty ? 0 : run.ordinals[Int(run.rows[index].row)]
            column.append { bytes in
                bytes.append(contentsOf: String(ordinal).utf8)
                return ordinal > 0
            }
        }
    }
}

/// Text, digits, and anything else that becomes text.
struct TextBuilder: ColumnBuilder {
    let rule: FieldRule
    private let isPlain: Bool
    private var column = TextColumn()

    init(rule: FieldRule, rowCount: Int) {
        self.rule = rule
        column.reserveCapacity(rowCount: rowCount, byteCount: rowCount * 8)
        isPlain = rule.translation == nil && (rule.type == .text || rule.type == .digits)
    }

    var values: ColumnValues { .text(column) }

    mutating func append(_ run: RowRun, failures: inout FailureLog) {
        let rule = rule
        for index in run.indices {
            let cell = run.cell(index, field: rule.index)
            if isPlain, appendPlain(cell, run, rule) { continue }
            if let reason = appendSlowly(cell, run) {
                failures.record(reason, row: index, order: rule.index)
            }
        }
    }

    /// The usual cases; false, with nothing appended, for all others.
    @inline(__always)
    private mutating func appendPlain(
        _ cell: RawCell, _ run: RowRun, _ rule: FieldRule
    ) -> Bool {
        let text: UnsafeBufferPointer<UInt8>
        switch cell.kind {
        case .string where !cell.isEscaped: text = run.bytes(cell.unquotedRange)
        case .number:
            text = run.raw(cell)
            if rule.type == .digits, !ExactNumber.isPlainInteger(text) { return false }
        case .missing where !rule.isRequired, .null where !rule.isRequired:
            column.appendNull()
            return true
        default: return false
        }
        if rule.hasSentinels, rule.isSentinel(text) {
            if rule.isRequired { return false }
            column.appendNull()
            return true
        }
        column.append(text)
        return true
    }

    private mutating func appendSlowly(_ cell: RawCell, _ run: RowRun) -> Reject.Reason? {
        var failure: Reject.Reason?
        column.append { bytes in
            let start = bytes.count
            var reading = rule.readText(of: cell, in: run, to: &bytes)
            if case .value = reading, let translation = rule.translation {
                reading = translation.apply(to: &bytes, from: start).dropped
            }
            failure = rule.failure(of: reading)
            if case .value = reading { return true }
            return false
        }
        return failure
    }
}

/// Integers, decimals and times.
struct NumberBuilder: ColumnBuilder {
    let rule: FieldRule
    let format: NumberFormat
    private var column = NumberColumn()
    private var scratch: [UInt8] = []

    init(rule: FieldRule, format: NumberFormat, rowCount: Int) {
        self.rule = rule
        column.reserveCapacity(rowCount: rowCount)
        self.format = format
    }

    var values: ColumnValues {
        switch format {
        case .int, .duration: .int(column)
        case .decimal: .decimal(column)
        case .epochMilliseconds, .localDateTime, .time: .timestamp(column)
        }
    }

    mutating func append(_ run: RowRun, failures: inout FailureLog) {
        // Resolved once per run, not once per value.
        let format = format
        let rule = rule
        for index in run.indices {
            let cell = run.cell(index, field: rule.index)
            let reading = rule.read(cell, run, &scratch) { format.read($0, kind: $1) }
            if case .value(let value) = reading {
                column.append(value)
                continue
            }
            column.appendNull()
            if let reason = rule.failure(of: reading) {
                failures.record(reason, row: index, order: rule.index)
            }
        }
    }
}

/// Booleans.
struct BoolBuilder: ColumnBuilder {
    let rule: FieldRule
    private var column = BoolColumn()
    private var scratch: [UInt8] = []

    init(rule: FieldRule) {
        self.rule = rule
    }

    var values: ColumnValues { .bool(column) }

    mutating func append(_ run: RowRun, failures: inout FailureLog) {
        for index in run.indices {
            let cell = run.cell(index, field: rule.index)
            let reading = rule.read(cell, run, &scratch) { BoolFormat.read($0, kind: $1) }
            if case .value(let value) = reading {
                column.append(value)
                continue
            }
            column.appendNull()
            if let reason = rule.failure(of: reading) {
                failures.record(reason, row: index, order: rule.index)
            }
        }
    }
}

extension FieldRule {
    /// Reads a scalar: sentinels and translation first, then `parse` with the text and its kind.
    @inline(__always)
    func read<Value>(
        _ cell: RawCell, _ run: RowRun, _ scratch: inout [UInt8],
        _ parse: (UnsafeBufferPointer<UInt8>, RawCell.Kind) -> Reading<Value>
    ) -> Reading<Value> {
        if translation == nil {
            if cell.kind == .number {
                let text = run.raw(cell)
                return hasSentinels && isSentinel(text) ? .nothing : parse(text, .number)
            }
            if cell.kind == .string, !cell.isEscaped {
                let text = run.bytes(cell.unquotedRange)
                return hasSentinels && isSentinel(text) ? .nothing : parse(text, .string)
            }
        }
        return readSlowly(cell, run, &scratch, parse)
    }

    private func readSlowly<Value>(
        _ cell: RawCell, _ run: RowRun, _ scratch: inout [UInt8],
        _ parse: (UnsafeBufferPointer<UInt8>, RawCell.Kind) -> Reading<Value>
    ) -> Reading<Value> {
        scratch.removeAll(keepingCapacity: true)
        var kind = cell.kind
        switch kind {
        case .missing, .null: return .nothing
        case .repeated: return .reject(.repeated)
        case .array, .object: return .reject(.wrongType)
        case .string where cell.isEscaped:
            guard JSONText.appendUnescaped(run.raw(cell), to: &scratch) else {
                return .reject(.malformed)
            }
        case .string: scratch.append(contentsOf: run.bytes(cell.unquotedRange))
        default: scratch.append(contentsOf: run.raw(cell))
        }
        if scratch.withUnsafeBufferPointer({ isSentinel($0) }) { return .nothing }
        if let translation {
            switch translation.apply(to: &scratch, from: 0) {
            case .value(let isReplaced): if isReplaced { kind = .string }
            case .nothing: return .nothing
            case .reject(let reason): return .reject(reason)
            }
        }
        return scratch.withUnsafeBufferPointer { parse($0, kind) }
    }

    /// Why the row of a reading without a value is a reject; nil where null will do.
    func failure<Value>(of reading: Reading<Value>) -> Reject.Reason? {
        switch reading {
        case .value: nil
        case .nothing: absence
        case .reject(let reason): reason
        }
    }
}

/// One word where a field has a value, another where it has none.
struct PresenceBuilder: ColumnBuilder {
    let rule: FieldRule
    let present: String
    let absent: String
    private var column = TextColumn()
    private var scratch: [UInt8] = []

    init(rule: FieldRule, present: String, absent: String) {
        self.rule = rule
        self.present = present
        self.absent = absent
    }

    var values: ColumnValues { .text(column) }

    mutating func append(_ run: RowRun, failures: inout FailureLog) {
        for index in run.indices {
            let cell = run.cell(index, field: rule.index)
            if case .repeated = cell.kind {
                failures.record(.repeated, row: index, order: rule.index)
            }
            column.append(hasValue(cell, run) ? present : absent)
        }
    }

    private mutating func hasValue(_ cell: RawCell, _ run: RowRun) -> Bool {
        switch cell.kind {
        case .missing, .null: return false
        case .array, .object, .repeated: return true
        default:
            if case .nothing = rule.read(cell, run, &scratch, { _, _ in Reading.value(()) }) {
                return false
            }
            return true
        }
    }
}

/// Raw values as minified JSON.
struct JSONBuilder: ColumnBuilder {
    let rule: FieldRule
    private var column = TextColumn()
    private var scratch: [UInt8] = []

    init(rule: FieldRule) {
        self.rule = rule
    }

    var values: ColumnValues { .json(column) }

    mutating func append(_ run: RowRun, failures: inout FailureLog) {
        for index in run.indices {
            let cell = run.cell(index, field: rule.index)
            let reading = read(cell, run)
            if case .value = reading {
                column.append { bytes in
                    run.appendJSON(cell, to: &bytes)
                    return true
                }
                continue
            }
            column.appendNull()
            if let reason = rule.failure(of: reading) {
                failures.record(reason, row: index, order: rule.index)
            }
        }
    }

    private mutating func read(_ cell: RawCell, _ run: RowRun) -> Reading<Void> {
        switch cell.kind {
        case .array, .object: return .value(())
        default:
            let reading = rule.read(cell, run, &scratch) { _, _ in Reading.value(()) }
            // Text that cannot be read is no sentinel, and is repaired as it is copied.
            if case .reject(.malformed) = reading { return .value(()) }
            return reading
        }
    }
}

/// A column the endpoint says nothing of.
struct NullBuilder: ColumnBuilder {
    let type: ColumnType
    private var count = 0

    init(type: ColumnType) {
        self.type = type
    }

    var values: ColumnValues {
        var text = TextColumn()
        var numbers = NumberColumn()
        switch type {
        case .text, .json: text.appendNulls(rowCount: count)
        case .int, .decimal, .timestamp, .date: numbers.appendNulls(rowCount: count)
        case .bool, .notes: break
        }
        switch type {
        case .text: return .text(text)
        case .json: return .json(text)
        case .int: return .int(numbers)
        case .decimal: return .decimal(numbers)
        case .timestamp: return .timestamp(numbers)
        case .date: return .date(numbers)
        case .bool:
            var column = BoolColumn()
            column.appendNulls(rowCount: count)
            return .bool(column)
        case .notes:
            var column = NotesColumn()
            column.appendNulls(rowCount: count)
            return .notes(column)
        }
    }

    mutating func append(_ run: RowRun, failures: inout FailureLog) {
        count += run.indices.count
    }
}
