import ExportModel

/// Rows of the unified columns.
enum SampleRows {
    static let schema = TableSchema(
        columns: UnifiedColumn.allCases.map {
            Column(name: $0.rawValue, type: $0.type, isNullable: $0.isNullable)
        })

    /// Index of a column.
    static func index(_ column: UnifiedColumn) -> Int {
        UnifiedColumn.allCases.firstIndex(of: column) ?? 0
    }

    /// Rows as the v2 endpoint gives them, sorted by start.
    static func v2Like(count: Int, seed: UInt64) -> RecordBatch {
        var generator = SeededGenerator(seed: seed)
        var texts = [Int: TextColumn]()
        var numbers = [Int: NumberColumn]()
        var booleans = BoolColumn()
        var notes = NotesColumn()
        var time: Int64 = 1_760_000_000_000
        for _ in 0..<count {
            time += Int64.random(in: 0..<345, using: &generator)
            for column in UnifiedColumn.allCases {
                let index = index(column)
                switch column.type {
                case .text, .json:
                    if let text = v2Text(column, &generator) {
                        texts[index, default: TextColumn()].append(text)
                    } else {
                        texts[index, default: TextColumn()].appendNull()
                    }
                case .bool: booleans.appendNull()
                case .notes: appendNotes(to: &notes, &generator, time)
                default:
                    if let number = v2Number(column, time, &generator) {
                        numbers[index, default: NumberColumn()].append(number)
                    } else {
                        numbers[index, default: NumberColumn()].appendNull()
                    }
                }
            }
        }
        let columns: [ColumnValues] = UnifiedColumn.allCases.enumerated().map { index, column in
            switch column.type {
            case .text: .text(texts[index, default: TextColumn()])
            case .json: .json(texts[index, default: TextColumn()])
            case .int: .int(numbers[index, default: NumberColumn()])
            case .decimal: .decimal(numbers[index, default: NumberColumn()])
            case .timestamp: .timestamp(numbers[index, default: NumberColumn()])
            case .date: .date(numbers[index, default: NumberColumn()])
            case .bool: .bool(booleans)
            case .notes: .notes(notes)
            }
        }
        return RecordBatch(schema: schema, rowCount: count, columns: columns)
    }

    private static let names = [
        "unknown", "Ravi", "Anitha", "Suresh Kumar", "Meena", "Front Desk", "Joseph", "Lakshmi",
        "Vijay", "Support", "Divya", "Arun", "Priya", "Warehouse", "Kumar", "Mary",
    ]

    private static func v2Text(
        _ column: UnifiedColumn, _ generator: inout SeededGenerator
    ) -> String? {
        switch column {
        case .provider: return "telecmi"
        case .endpoint: return "telecmi.v2.user.out_missed"
        case .account: return "u101"
        case .direction: return "outbound"
        case .status: return "missed"
        case .callID: return uuid(&generator)
        case .fromNumber:
            return "91\(9_000_000_000 + Int.random(in: 0..<400, using: &generator))"
        case .toNumber:
            return "91\(6_000_000_000 + Int.random(in: 0..<4_000_000_000, using: &generator))"
        case .contactName:
            let index = Int.random(in: 0..<2 * names.count, using: &generator)
            return index < names.count ? names[index] : nil
        default: return nil
        }
    }

    private static func v2Number(
        _ column: UnifiedColumn, _ time: Int64, _ generator: inout SeededGenerator
    ) -> Int64? {
        switch column {
        case .startedAt: return time
        case .durationSeconds: return Int64.random(in: 0..<60, using: &generator)
        case .billedSeconds: return 0
        case .rate: return 5_000 * Int64.random(in: 0..<200, using: &generator)
        default: return nil
        }
    }

    private static func appendNotes(
        to notes: inout NotesColumn, _ generator: inout SeededGenerator, _ time: Int64
    ) {
        guard Int.random(in: 0..<20, using: &generator) == 0 else {
            notes.endRow(isValid: false)
            return
        }
        for _ in 0..<Int.random(in: 1...2, using: &generator) {
            notes.message.append(
                "Call back about order \(Int.random(in: 0..<100_000, using: &generator))")
            notes.createdAt.append(time + 60_000)
            notes.agent.append("101_1111112")
        }
        notes.endRow(isValid: true)
    }

    private static func uuid(_ generator: inout SeededGenerator) -> String {
        var digits = Array("0123456789abcdef".utf8)
        digits.reserveCapacity(16)
        var text: [UInt8] = []
        var bits: UInt64 = 0
        for place in 0..<32 {
            if place % 16 == 0 { bits = generator.next() }
            if [8, 12, 16, 20].contains(place) { text.append(UInt8(ascii: "-")) }
            text.append(place == 12 ? UInt8(ascii: "4") : digits[Int(bits & 15)])
            bits >>= 4
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Rows whose every column goes to its limits.
    ///
    /// - Parameter longest: characters of the longest texts.
    static func hostile(count: Int, seed: UInt64, longest: Int = 10_000) -> BatchBuilder {
        let texts = hostileTexts(longest: longest)
        var generator = SeededGenerator(seed: seed)
        var builder = BatchBuilder(schema)
        for row in 0..<count {
            builder.append(
                UnifiedColumn.allCases.map { column in
                    if column.isNullable, Int.random(in: 0..<4, using: &generator) == 0 {
                        return .null
                    }
                    return hostileValue(column, row: row, of: count, texts, &generator)
                })
        }
        return builder
    }

    private static func hostileTexts(longest: Int) -> [String] {
        [
            "", " ", "\"quoted\", and, commas", "line\nbreak\r\n", "tab\tback\\slash", "😀🇮🇳👩‍👩‍👧",
            "நன்றி", "null", "\u{0}zero", String(repeating: "x", count: longest),
            String(repeating: "é", count: longest), String(repeating: "\u{10FFFF}", count: 40),
            String(repeating: "\u{D7FF}", count: 40), "+910000000000",
        ]
    }

    private static func hostileValue(
        _ column: UnifiedColumn, row: Int, of count: Int, _ texts: [String],
        _ generator: inout SeededGenerator
    ) -> TestValue {
        func pick<Element>(_ elements: [Element]) -> Element {
            elements[Int.random(in: elements.indices, using: &generator)]
        }
        switch column {
        case .startedAt:
            // From 1970 to the last millisecond of 2099, ascending.
            return .number(Int64(row) * (4_102_444_799_999 / Int64(max(count - 1, 1))))
        case .callID: return .text("call-\(row)-\(generator.next())")
        case .fromNumber: return .text(String(repeating: "9", count: row % 50) + "\(row)")
        default: break
        }
        switch column.type {
        case .text: return .text(pick(texts))
        case .json:
            return .text(pick(["{}", "{\"a\":1.50}", "[null,\"\\u0000\"]", "\"x\"", "{\"ü\":[]}"]))
        case .int: return .number(pick([0, 1, -1, 2_147_483_647, -2_147_483_648, Int64(row)]))
        case .decimal:
            return .number(
                pick([0, 1, -1, 999_999_999_999_999_999, -999_999_999_999_999_999, 1_500_000]))
        case .date: return .number(pick([0, 1, -1, -719_162, 2_932_896, Int64(row)]))
        case .timestamp:
            return .number(pick([0, 1, 4_102_444_799_999, -1, 1_654_182_968_809, Int64(row)]))
        case .bool: return .bool(row / 40 % 2 == 0 ? true : pick([true, false]))
        case .notes:
            return .notes(
                (0..<pick([0, 0, 1, 2, 5])).map { _ in
                    TestNote(
                        message: pick([nil, pick(texts)]),
                        createdAt: pick([nil, 0, 4_102_444_799_999]),
                        agent: pick([nil, "101_1111112", ""]))
                })
        }
    }
}
