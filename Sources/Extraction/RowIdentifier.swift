import ExportModel

/// Reads key and time of raw rows by an endpoint's entry.
struct RowIdentifier: Sendable {
    /// What is to know of a field to read it.
    private struct Part: Sendable {
        let field: Int
        let isRequired: Bool
        /// Texts that mean "nothing".
        let sentinels: [[UInt8]]

        init(_ field: Int, of endpoint: Endpoint) {
            self.field = field
            isRequired = endpoint.fields[field].isRequired
            sentinels = endpoint.fields[field].sentinels.map { Array($0.utf8) }
        }
    }

    private let keyParts: [Part]
    private let keyHasOrdinal: Bool
    private let time: Part
    private let timeFormat: TimeFormat
    private let sourceZone: SourceZone

    init(endpoint: Endpoint, sourceZone: SourceZone) {
        keyParts = endpoint.key.compactMap(endpoint.fieldIndex).map { Part($0, of: endpoint) }
        keyHasOrdinal = endpoint.keyHasOrdinal
        let timeField = endpoint.fieldIndex(endpoint.timeField) ?? 0
        time = Part(timeField, of: endpoint)
        if case .time(let format) = endpoint.fields[timeField].type {
            timeFormat = format
        } else {
            timeFormat = .epochMilliseconds
        }
        self.sourceZone = sourceZone
    }

    /// Reads time and key of every row of a page.
    func identify(_ raw: RawPage, total: Int, hasTrailingComma: Bool) -> IdentifiedPage {
        var identities = RowIdentities(rowCount: raw.rows.count)
        raw.body.withUnsafeBufferPointer { body in
            raw.cells.withUnsafeBufferPointer { cells in
                for row in raw.rows.indices {
                    let start = row * raw.fieldCount
                    let cells = UnsafeBufferPointer(rebasing: cells[start..<start + raw.fieldCount])
                    identities.append(time: readTime(cells[time.field], body)) {
                        guard keyParts.isEmpty else { return appendKey(cells, body, to: &$0) }
                        $0.append(contentsOf: (raw.requestID ?? "").utf8)
                        return true
                    }
                }
            }
        }
        if keyHasOrdinal { identities = numbered(identities, requestID: raw.requestID ?? "") }
        return IdentifiedPage(
            raw, identities, total: total, hasTrailingComma: hasTrailingComma)
    }

    private func readTime(_ cell: RawCell, _ body: UnsafeBufferPointer<UInt8>) -> Int64 {
        switch cell.kind {
        case .number where timeFormat.isNumber:
            return readTime(UnsafeBufferPointer(rebasing: body[cell.range]))
        case .string where cell.isEscaped:
            // Some write every slash as `\/`.
            var text: [UInt8] = []
            let token = UnsafeBufferPointer(rebasing: body[cell.range])
            guard JSONText.appendUnescaped(token, to: &text) else { return IdentifiedPage.noTime }
            return text.withUnsafeBufferPointer(readTime)
        case .string: return readTime(UnsafeBufferPointer(rebasing: body[cell.unquotedRange]))
        default: return IdentifiedPage.noTime
        }
    }

    private func readTime(_ text: UnsafeBufferPointer<UInt8>) -> Int64 {
        for sentinel in time.sentinels where text.elementsEqual(sentinel) {
            return IdentifiedPage.noTime
        }
        guard case .exact(let moment) = timeFormat.read(text, in: sourceZone) else {
            return IdentifiedPage.noTime
        }
        return moment
    }

    /// Appends the key's parts, each after a byte that no part holds unescaped.
    private func appendKey(
        _ cells: UnsafeBufferPointer<RawCell>, _ body: UnsafeBufferPointer<UInt8>,
        to key: inout [UInt8]
    ) -> Bool {
        for part in keyParts {
            let cell = cells[part.field]
            if keyParts.count > 1 { key.append(0x1F) }
            let start = key.count
            switch cell.kind {
            case .number: key.append(contentsOf: body[cell.range])
            case .string where cell.isEscaped:
                let token = UnsafeBufferPointer(rebasing: body[cell.range])
                guard JSONText.appendUnescaped(token, to: &key) else { return false }
            case .string: key.append(contentsOf: body[cell.unquotedRange])
            default: if part.isRequired { return false }
            }
            if part.isRequired, isNothing(key, from: start, part) { return false }
        }
        return true
    }

    private func isNothing(_ key: [UInt8], from start: Int, _ part: Part) -> Bool {
        key.count == start || part.sentinels.contains { key[start...].elementsEqual($0) }
    }

    /// Adds to each key how many equal ones came before it in the answer, so that legs that look
    /// the same stay different records.
    private func numbered(_ identities: RowIdentities, requestID: String) -> RowIdentities {
        var result = RowIdentities(rowCount: identities.count)
        var seen: [ArraySlice<UInt8>: Int] = [:]
        for row in identities.rows.indices {
            let key = identities.key(row)
            seen[key, default: 0] += 1
            let ordinal = seen[key, default: 1]
            result.append(time: identities.rows[row].time) { bytes in
                if key.isEmpty { return false }
                bytes.append(contentsOf: requestID.utf8)
                bytes.append(0x1F)
                bytes.append(contentsOf: key)
                bytes.append(0x1F)
                bytes.append(contentsOf: String(ordinal).utf8)
                return true
            }
        }
        return result
    }
}
