import ExportModel

/// What reading one value came to.
enum Reading<Value> {
    case value(Value)
    /// Missing, null or a sentinel.
    case nothing
    case reject(Reject.Reason)
}

/// How one field's values are read, before they become a column.
struct FieldRule: Sendable {
    /// Index in the entry, and so the column of the page's cells.
    let index: Int
    let type: FieldType
    let isRequired: Bool
    let sentinels: [[UInt8]]
    let translation: ByteTranslation?
    let notes: NoteFields?
    /// Of zone-less times.
    let zone: SourceZone

    init(_ field: Field, index: Int, isRequired: Bool, isTranslated: Bool, zone: SourceZone) {
        self.index = index
        type = field.type
        self.isRequired = isRequired
        sentinels = field.sentinels.map { Array($0.utf8) }
        translation = isTranslated ? field.translation.map(ByteTranslation.init) : nil
        notes = field.notes
        self.zone = zone
    }

    /// What becomes of a row without a value.
    var absence: Reject.Reason? { isRequired ? .missing : nil }

    @inline(__always)
    func isSentinel(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        if sentinels.isEmpty { return false }
        return sentinels.contains { $0.count == text.count && $0.elementsEqual(text) }
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
        case .int, .decimal, .epochMilliseconds, .localDateTime:
            let format = NumberFormat(reading: self)
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

/// A translation table as bytes.
struct ByteTranslation: Sendable {
    private let values: [(key: [UInt8], word: [UInt8])]
    private let others: Translation.Others

    init(_ translation: Translation) {
        values = translation.values.sorted { $0.key < $1.key }
            .map { (Array($0.key.utf8), Array($0.value.utf8)) }
        others = translation.others
    }

    /// Replaces the text at the end of `output`, from `start` on, by its word.
    func apply(to output: inout [UInt8], from start: Int) -> Reading<Void> {
        let text = output[start...]
        if let (_, word) = values.first(where: { $0.key.elementsEqual(text) }) {
            output.removeLast(output.count - start)
            output.append(contentsOf: word)
            return .value(())
        }
        switch others {
        case .keep: return .value(())
        case .null: return .nothing
        case .reject: return .reject(.unknownValue)
        }
    }
}
