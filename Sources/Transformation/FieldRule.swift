import ExportModel

/// What reading one value came to.
enum Reading<Value> {
    case value(Value)
    /// Missing, null or a sentinel.
    case nothing
    case reject(Reject.Reason)

    /// The same without the value.
    var dropped: Reading<Void> {
        switch self {
        case .value: .value(())
        case .nothing: .nothing
        case .reject(let reason): .reject(reason)
        }
    }
}

/// How one field's values are read, before they become a column.
///
/// A class, so that builders pass it around without copying its tables.
final class FieldRule: Sendable {
    /// Index in the entry, and so the column of the page's cells.
    let index: Int
    let type: FieldType
    let isRequired: Bool
    private let sentinels: ByteTable
    let hasSentinels: Bool
    let translation: ByteTranslation?
    let notes: NoteFields?
    /// How numbers and times of the field's own type are read.
    let format: NumberFormat

    init(_ field: Field, index: Int, isRequired: Bool, isTranslated: Bool, zone: SourceZone) {
        self.index = index
        type = field.type
        self.isRequired = isRequired
        sentinels = ByteTable(field.sentinels)
        hasSentinels = !field.sentinels.isEmpty
        translation = isTranslated ? field.translation.map(ByteTranslation.init) : nil
        notes = field.notes
        format = NumberFormat(reading: field.type, zone: zone)
    }

    /// What becomes of a row without a value.
    var absence: Reject.Reason? { isRequired ? .missing : nil }

    @inline(__always)
    func isSentinel(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        hasSentinels && sentinels.firstIndex(of: text) != nil
    }

    /// Appends the value's text (numbers, times and booleans in their usual form), untranslated.
    ///
    /// What was appended counts only if the reading is a value.
    func readText(
        of cell: RawCell, in run: RowRun, to output: inout [UInt8]
    ) -> Reading<Void> {
        let start = output.count
        switch cell.kind {
        case .missing, .null: return .nothing
        case .repeated: return .reject(.repeated)
        case .string where cell.isEscaped:
            guard JSONText.appendUnescaped(run.raw(cell), to: &output) else {
                return .reject(.malformed)
            }
            let text = Array(output[start...])
            // PostgreSQL takes no text with U+0000.
            if text.contains(0) { return .reject(.malformed) }
            output.removeLast(text.count)
            return text.withUnsafeBufferPointer { readText($0, kind: .string, to: &output) }
        case .string:
            return readText(run.bytes(cell.unquotedRange), kind: .string, to: &output)
        default: return readText(run.raw(cell), kind: cell.kind, to: &output)
        }
    }

    /// - Parameter text: a string's text, or any other value as it is written.
    private func readText(
        _ text: UnsafeBufferPointer<UInt8>, kind: RawCell.Kind, to output: inout [UInt8]
    ) -> Reading<Void> {
        if isSentinel(text) { return .nothing }
        switch type {
        case .text, .digits: return readPlainText(text, kind: kind, to: &output)
        case .json:
            if kind == .string { return readPlainText(text, kind: kind, to: &output) }
            JSONText.appendMinified(text, to: &output)
            return .value(())
        case .bool:
            switch BoolFormat.read(text, kind: kind) {
            case .value(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
            case .nothing: return .nothing
            case .reject(let reason): return .reject(reason)
            }
        case .int, .decimal, .time, .duration:
            switch format.read(text, kind: kind) {
            case .value(let value): format.append(value, to: &output)
            case .nothing: return .nothing
            case .reject(let reason): return .reject(reason)
            }
        }
        return .value(())
    }

    private func readPlainText(
        _ text: UnsafeBufferPointer<UInt8>, kind: RawCell.Kind, to output: inout [UInt8]
    ) -> Reading<Void> {
        switch kind {
        case .string: output.append(contentsOf: text)
        case .number where type == .digits:
            guard ExactNumber.appendInteger(text, to: &output) else {
                return .reject(.doesNotFit)
            }
        case .number: output.append(contentsOf: text)
        default: return .reject(.wrongType)
        }
        return .value(())
    }
}

/// A translation table as bytes. A class for the same reason as ``FieldRule``.
final class ByteTranslation: Sendable {
    private let keys: ByteTable
    private let words: ByteTable
    private let others: Translation.Others

    init(_ translation: Translation) {
        let sorted = translation.values.sorted { $0.key < $1.key }
        keys = ByteTable(sorted.map(\.key))
        words = ByteTable(sorted.map(\.value))
        others = translation.others
    }

    /// Replaces the text at the end of `output`, from `start` on, by its word.
    ///
    /// - Returns: whether there was a word for it.
    func apply(to output: inout [UInt8], from start: Int) -> Reading<Bool> {
        let place = output.withUnsafeBufferPointer {
            keys.firstIndex(of: UnsafeBufferPointer(rebasing: $0[start...]))
        }
        if let place {
            output.removeLast(output.count - start)
            output.append(contentsOf: words[place])
            return .value(true)
        }
        switch others {
        case .keep: return .value(false)
        case .null: return .nothing
        case .reject: return .reject(.unknownValue)
        }
    }
}
