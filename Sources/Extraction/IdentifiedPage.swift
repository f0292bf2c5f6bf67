import ExportModel

/// A page whose rows have been told apart: each with its time and key, where they can be read.
struct IdentifiedPage: Sendable {
    /// The rows themselves.
    var page: RawPage
    /// What the provider said is there in all.
    var total: Int
    /// JSON forbids it, cdrx accepts it.
    var hasTrailingComma: Bool
    /// Epoch milliseconds of each row's start; ``noTime`` where it cannot be read.
    var times: [Int64] = []
    /// Where each row's key ends in ``keyBytes``; an empty key cannot be read.
    private(set) var keyEnds: [Int] = []
    private(set) var keyBytes: [UInt8] = []
    /// Of each key.
    private(set) var hashes: [UInt64] = []
    /// The page stayed short or doubled after all attempts.
    var isSuspect = false

    /// Stands for a time that cannot be read.
    static let noTime = Int64.min

    init(page: RawPage, total: Int, hasTrailingComma: Bool) {
        self.page = page
        self.total = total
        self.hasTrailingComma = hasTrailingComma
    }

    /// Rows of the page, readable or not.
    var rowCount: Int { page.rows.count }

    /// A row's key in ``keyBytes``; empty where it cannot be read.
    func keyRange(_ row: Int) -> Range<Int> {
        (row == 0 ? 0 : keyEnds[row - 1])..<keyEnds[row]
    }

    /// A row's key; only its bytes are compared.
    func key(_ row: Int) -> ArraySlice<UInt8> {
        keyBytes[keyRange(row)]
    }

    /// Ends a row's key: what `write` appended since the last row; false takes it back.
    mutating func appendKey(_ write: (inout [UInt8]) -> Bool) {
        let start = keyBytes.count
        if !write(&keyBytes) { keyBytes.removeLast(keyBytes.count - start) }
        keyEnds.append(keyBytes.count)
        hashes.append(Self.hash(keyBytes[start...]))
    }

    /// Rows that repeat a key of the same page.
    var repeatedKeyCount: Int {
        var identified = (0..<rowCount).filter { !keyRange($0).isEmpty }
        identified.sort { hashes[$0] < hashes[$1] }
        return zip(identified, identified.dropFirst()).count { left, right in
            hashes[left] == hashes[right] && key(left) == key(right)
        }
    }

    /// Whether both pages hold the same records in the same order; rows that repeat a key of their
    /// page do not count.
    func hasSameRecords(as other: IdentifiedPage) -> Bool {
        let (own, others) = (rowsWithoutRepeats, other.rowsWithoutRepeats)
        guard own.count == others.count else { return false }
        return zip(own, others).allSatisfy { isSameRecord($0, as: $1, on: other) }
    }

    /// Whether a page after a full one shows that nothing follows: it has no row that the full one
    /// has not. Some providers answer with their last page again.
    func hasNothingNew(after full: IdentifiedPage) -> Bool {
        (0..<rowCount).allSatisfy { row in
            (0..<full.rowCount).contains { isSameRecord(row, as: $0, on: full) }
        }
    }

    /// By key and time; without a key, by the bytes as they came.
    private func isSameRecord(_ row: Int, as otherRow: Int, on other: IdentifiedPage) -> Bool {
        guard hashes[row] == other.hashes[otherRow], times[row] == other.times[otherRow],
            key(row) == other.key(otherRow)
        else { return false }
        return !keyRange(row).isEmpty || raw(row) == other.raw(otherRow)
    }

    private var rowsWithoutRepeats: [Int] {
        if repeatedKeyCount == 0 { return Array(0..<rowCount) }
        var seen: Set<ArraySlice<UInt8>> = []
        return (0..<rowCount).filter {
            keyRange($0).isEmpty || seen.insert(key($0)).inserted
        }
    }

    /// Equal for the same record wherever it is seen: its key, or without one its bytes.
    func identity(_ row: Int) -> [UInt8] {
        keyRange(row).isEmpty ? [0] + raw(row) : [1] + key(row)
    }

    /// A row's bytes as they came.
    func raw(_ row: Int) -> ArraySlice<UInt8> {
        page.body[page.rows[row]]
    }

    /// FNV-1a with 64 bits; only groups keys, equality is decided on their bytes.
    static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

/// Reads key and time of raw rows by an endpoint's entry.
struct RowIdentifier: Sendable {
    private let keyFields: [Int]
    private let keyHasOrdinal: Bool
    private let timeField: Int
    private let fields: [Field]
    private let sourceZone: SourceZone

    init(endpoint: Endpoint, sourceZone: SourceZone) {
        fields = endpoint.fields
        keyFields = endpoint.key.compactMap(endpoint.fieldIndex)
        keyHasOrdinal = endpoint.keyHasOrdinal
        timeField = endpoint.fieldIndex(endpoint.timeField) ?? 0
        self.sourceZone = sourceZone
    }

    /// Tells the rows of a page apart.
    func identify(_ raw: RawPage, total: Int, hasTrailingComma: Bool) -> IdentifiedPage {
        var result = IdentifiedPage(
            page: raw, total: total, hasTrailingComma: hasTrailingComma)
        raw.body.withUnsafeBufferPointer { body in
            for row in raw.rows.indices {
                result.times.append(time(of: row, in: raw, body))
                result.appendKey { appendKey(of: row, in: raw, body, to: &$0) }
            }
        }
        if keyHasOrdinal { return numbered(result) }
        return result
    }

    private func time(
        of row: Int, in raw: RawPage, _ body: UnsafeBufferPointer<UInt8>
    ) -> Int64 {
        let cell = raw.cell(row: row, field: timeField)
        let range: Range<Int>
        switch cell.kind {
        case .number: range = cell.range
        case .string where !cell.isEscaped: range = cell.unquotedRange
        default: return IdentifiedPage.noTime
        }
        if fields[timeField].sentinels.contains(where: { body[range].elementsEqual($0.utf8) }) {
            return IdentifiedPage.noTime
        }
        let text = UnsafeBufferPointer(rebasing: body[range])
        if fields[timeField].type == .localDateTime {
            return TimestampText.localSeconds(text).flatMap {
                sourceZone.moment(ofLocalSeconds: $0)?.epochMilliseconds
            } ?? IdentifiedPage.noTime
        }
        return TimestampText.epochMilliseconds(text) ?? IdentifiedPage.noTime
    }

    /// Appends the key's parts, each behind a byte that no part holds unescaped.
    private func appendKey(
        of row: Int, in raw: RawPage, _ body: UnsafeBufferPointer<UInt8>, to key: inout [UInt8]
    ) -> Bool {
        for field in keyFields {
            let cell = raw.cell(row: row, field: field)
            if keyFields.count > 1 { key.append(0x1F) }
            let start = key.count
            switch cell.kind {
            case .number: key.append(contentsOf: body[cell.range])
            case .string where cell.isEscaped:
                let token = UnsafeBufferPointer(rebasing: body[cell.range])
                guard JSONText.appendUnescaped(token, to: &key) else { return false }
            case .string: key.append(contentsOf: body[cell.unquotedRange])
            default: if fields[field].isRequired { return false }
            }
            if fields[field].isRequired, isEmpty(key[start...], field) { return false }
        }
        return true
    }

    private func isEmpty(_ part: ArraySlice<UInt8>, _ field: Int) -> Bool {
        part.isEmpty || fields[field].sentinels.contains { part.elementsEqual($0.utf8) }
    }

    /// Adds to each key how many equal ones came before it in the answer, so that legs that look
    /// the same stay different records.
    private func numbered(_ page: IdentifiedPage) -> IdentifiedPage {
        var result = IdentifiedPage(
            page: page.page, total: page.total, hasTrailingComma: page.hasTrailingComma)
        result.times = page.times
        var seen: [ArraySlice<UInt8>: Int] = [:]
        let prefix = Array((page.page.requestID ?? "").utf8)
        for row in 0..<page.rowCount {
            let key = page.key(row)
            seen[key, default: 0] += 1
            let ordinal = seen[key, default: 1]
            result.appendKey { bytes in
                if key.isEmpty { return false }
                bytes.append(contentsOf: prefix)
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
