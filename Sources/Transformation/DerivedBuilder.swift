import ExportModel

/// A column that is made of others: those are read from the records first, whether they are
/// written or not, so that a value that cannot be read is a reject here as it is there.
struct DerivedBuilder: ColumnBuilder {
    private let derivation: Derivation
    private var inputs: [any ColumnBuilder]

    init(_ derivation: Derivation, _ inputs: [any ColumnBuilder]) {
        self.derivation = derivation
        self.inputs = inputs
    }

    mutating func append(_ run: RowRun, failures: inout FailureLog) {
        for index in inputs.indices { inputs[index].append(run, failures: &failures) }
    }

    var values: ColumnValues {
        let columns = inputs.map(\.values)
        switch (derivation, columns.first, columns.last) {
        case (.localDate(let zone), .timestamp(let times), _):
            return .date(Self.dates(of: times, in: zone))
        case (.isAnswered, .text(let status), _): return .bool(Self.answers(status))
        case (.talkSeconds, .text(let status), .int(let seconds)):
            return .int(Self.talk(status, seconds))
        case (.e164(let form), .text(let numbers), _): return .text(Self.e164(numbers, form))
        default: preconditionFailure("the plan derives \(derivation) from columns of other types")
        }
    }

    private static func dates(of times: NumberColumn, in zone: SourceZone) -> NumberColumn {
        var dates = NumberColumn()
        dates.reserveCapacity(rowCount: times.count)
        for row in 0..<times.count {
            // A row that fails has no time yet.
            guard times.validity[row] else {
                dates.appendNull()
                continue
            }
            dates.append(
                zone.localDay(of: Timestamp(epochMilliseconds: times.values[row])))
        }
        return dates
    }

    private static let answered = Array("answered".utf8)
    private static let missed = Array("missed".utf8)

    /// nil where the status is another one, or none.
    private static func isAnswered(_ status: TextColumn, _ row: Int) -> Bool? {
        let text = status.bytes[status.range(of: row)]
        if text.elementsEqual(answered) { return true }
        return text.elementsEqual(missed) ? false : nil
    }

    private static func answers(_ status: TextColumn) -> BoolColumn {
        var answers = BoolColumn()
        for row in 0..<status.count {
            if let isAnswered = isAnswered(status, row) {
                answers.append(isAnswered)
            } else {
                answers.appendNull()
            }
        }
        return answers
    }

    private static func talk(_ status: TextColumn, _ seconds: NumberColumn) -> NumberColumn {
        var talk = NumberColumn()
        talk.reserveCapacity(rowCount: status.count)
        for row in 0..<status.count {
            switch isAnswered(status, row) {
            case true where seconds.validity[row]: talk.append(seconds.values[row])
            case false: talk.append(0)
            default: talk.appendNull()
            }
        }
        return talk
    }

    private static func e164(_ numbers: TextColumn, _ form: NumberForm) -> TextColumn {
        var found = TextColumn()
        found.reserveCapacity(rowCount: numbers.count, byteCount: numbers.count * 13)
        numbers.bytes.withUnsafeBufferPointer { bytes in
            for row in 0..<numbers.count {
                let number = UnsafeBufferPointer(rebasing: bytes[numbers.range(of: row)])
                found.append { form.appendE164(number, to: &$0) }
            }
        }
        return found
    }
}
