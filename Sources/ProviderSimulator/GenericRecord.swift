import ExportModel

/// A generated record with the fields of a catalog entry, and the rows that an export has to make
/// of it: both follow from the same values, neither from the other.
struct GenericRecord {
    /// The member that no document has.
    private static let undocumented = "x_region"

    /// The entry whose fields are written.
    let endpoint: Endpoint

    /// A record as it is served, with its rows.
    struct Made {
        /// An object.
        var node: JSONNode
        /// Values by column, a row for each expanded element.
        var rows: [[UnifiedColumn: JSONNode]]
        /// The field that cannot be typed.
        var spoiled: String?
    }

    /// Times of records are multiples of it.
    var resolutionMilliseconds: Int64 {
        let field = endpoint.fields.first { $0.name == endpoint.timeField }
        guard case .time(let format)? = field?.type else { return 1 }
        return GenericTime(name: format.name, zone: endpoint.sourceZone).resolutionMilliseconds
    }

    /// The first number without which no row can be, or else the first key.
    var spoiledField: Field? {
        let plain = endpoint.fields.filter { field in !field.sources.contains(where: \.hasEach) }
        return plain.first { field in
            switch field.type {
            case .decimal, .int: field.column != nil && !endpoint.key.contains(field.name)
            default: false
            }
        } ?? plain.first { endpoint.key.contains($0.name) }
    }

    /// Every field of the entry in its order; optional ones are missing, or say nothing, now and
    /// then.
    func made(of call: Call, isDirty: Bool = false) -> Made {
        var draw = call.draw()
        var tree = RecordTree(expand: endpoint.response.expand, &draw)
        let spoiled = isDirty ? spoiledField : nil
        for field in endpoint.fields {
            write(field, call, &draw, to: &tree, isSpoiled: field.name == spoiled?.name)
        }
        addUndocumented(&draw, to: &tree)
        addSiblings(&draw, to: &tree)
        var rows = tree.rows(hasOwnLeg: endpoint.fields.contains { $0.column == .leg })
        for index in rows.indices { fill(&rows[index], tree) }
        return Made(node: tree.node, rows: rows, spoiled: spoiled?.name)
    }

    /// The keys of a record.
    func identifier(of call: Call) -> String {
        endpoint.key.compactMap { name in
            let field = endpoint.fields.first { $0.name == name }
            return field.map { value(key: $0, call).text }
        }.joined(separator: "\u{1}")
    }

    /// What the columns hold that no field fills.
    private func fill(_ row: inout [UnifiedColumn: JSONNode], _ tree: RecordTree) {
        for constant in endpoint.constants {
            switch constant.value {
            case .text(let text): row[constant.column] = .text(text)
            case .presence(let field, let present, let absent):
                row[constant.column] = .text(tree.isPresent(field) ? present : absent)
            }
        }
    }

    private func write(
        _ field: Field, _ call: Call, _ draw: inout SeededDraw, to tree: inout RecordTree,
        isSpoiled: Bool
    ) {
        let chosen = field.sources.count > 1 ? draw.below(field.sources.count) : 0
        // Of places, the first that is there and not null counts, whatever those after it have.
        for source in field.sources[..<chosen] {
            for place in tree.places(of: source) where draw.oneIn(2) {
                tree.put(.raw("null"), at: source, place)
            }
        }
        var isNull = false
        for place in tree.places(of: field.sources[chosen]) {
            let value =
                isSpoiled
                ? spoil(field)
                : tree.written(at: field.sources[chosen], place) ?? value(of: field, call, &draw)
            tree.put(value, at: field.sources[chosen], place, of: field)
            isNull = isNull || value.isNull
        }
        guard !isNull else { return }
        for source in field.sources[(chosen + 1)...] {
            for place in tree.places(of: source) where draw.oneIn(2) {
                tree.put(value(of: field, call, &draw).wire, at: source, place)
            }
        }
    }

    private func spoil(_ field: Field) -> GenericValue {
        let isKey = endpoint.key.contains(field.name)
        return GenericValue(wire: .raw(isKey ? "null" : "\"many\""), cell: nil, text: "")
    }

    private func value(
        of field: Field, _ call: Call, _ draw: inout SeededDraw
    ) -> GenericValue {
        let maker = GenericValue.Maker(endpoint: endpoint, field: field, call: call)
        if field.name == endpoint.timeField { return maker.moment(call.time) }
        if endpoint.key.contains(field.name) { return value(key: field, call) }
        if !field.isRequired, draw.oneIn(8) { return maker.nothing(&draw) }
        return maker.value(&draw)
    }

    private func value(key field: Field, _ call: Call) -> GenericValue {
        let maker = GenericValue.Maker(endpoint: endpoint, field: field, call: call)
        return field.name == endpoint.timeField
            ? maker.moment(call.time)
            : maker.key(isFirst: field.name == endpoint.key.first { $0 != endpoint.timeField })
    }

    /// A member that no field names, now and then; a line of CSV has all columns of its header.
    private func addUndocumented(_ draw: inout SeededDraw, to tree: inout RecordTree) {
        if draw.oneIn(50) {
            tree.addUnknown(Self.undocumented, .text(draw.pick(CallPool.regions)))
        } else if endpoint.response.body == .csv {
            tree.addUnknown(Self.undocumented, .raw("null"))
        }
    }

    /// Members of nested objects that no field names: such an object stays whole in `extra`.
    private func addSiblings(_ draw: inout SeededDraw, to tree: inout RecordTree) {
        guard endpoint.response.body != .csv else { return }
        for name in tree.objects where draw.oneIn(3) {
            tree.addSibling("other", .raw("[1,{\"x\":\(draw.below(9))}]"), in: name)
        }
    }

    // MARK: CSV

    /// The header of a CSV body: every field, and the one that no document has.
    var header: [UInt8] {
        let names =
            endpoint.fields.flatMap { $0.sources.compactMap(\.keys.first) } + [Self.undocumented]
        return Self.line(names.map { Self.cell($0) })
    }

    /// The line of a record.
    func line(_ node: JSONNode) -> [UInt8] {
        let names =
            endpoint.fields.flatMap { $0.sources.compactMap(\.keys.first) } + [Self.undocumented]
        return Self.line(
            names.map { name in
                switch node.members.first(where: { $0.name == name })?.value {
                case .text(let text)?: Self.cell(text)
                case .raw("null")?, nil: ""
                case .raw(let json)?: Self.cell(json)
                case let other?: Self.cell(String(decoding: other.bytes, as: UTF8.self))
                }
            })
    }

    private static func line(_ cells: [String]) -> [UInt8] {
        Array((cells.joined(separator: ",") + "\r\n").utf8)
    }

    private static func cell(_ text: String) -> String {
        let isPlain =
            !text.isEmpty && !text.utf8.contains { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }
        return isPlain ? text : "\"\(text.replacing("\"", with: "\"\""))\""
    }
}

extension GenericRecord.Made {
    /// A JSON object for each row.
    func truth(requestID: String?, _ endpoint: Endpoint) -> [[UInt8]] {
        // A record of which one row does not fit is set aside whole.
        rows.prefix(spoiled == nil ? rows.count : 1).map { row in
            var members: [(name: String, value: JSONNode)] = []
            for column in UnifiedColumn.allCases {
                if let value = row[column] { members.append((column.rawValue, value)) }
            }
            if let requestID {
                members.append(("_request_id", .text(requestID)))
                if let column = endpoint.request.requestID?.column {
                    members.append((column.rawValue, .text(requestID)))
                }
            }
            if let spoiled { members.append(("_dirty", .text(spoiled))) }
            return JSONNode.object(members).bytes
        }
    }
}
