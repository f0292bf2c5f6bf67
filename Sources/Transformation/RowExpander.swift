import ExportModel

/// Makes a row of each innermost element of a list inside records. A record without elements is one
/// row, and so is an element that has none where others have.
///
/// Members of elements that fill no cell are unknown fields under their name after the path of their
/// list, so that they are unlike those of the record.
struct RowExpander: Sendable {
    private let layout: CellLayout
    private let tree: ElementTree

    /// nil where records are rows.
    init?(_ endpoint: Endpoint) {
        guard let expand = endpoint.response.expand else { return nil }
        layout = CellLayout(endpoint.fields, expand: expand)
        tree = ElementTree(layout, expand: expand)
    }

    /// The rows of records, in their order.
    func expand(_ records: [RowReference], of pages: [RawPage]) -> ExpandedRows {
        var result = ExpandedRows(pages: pages.map(emptied))
        for (place, record) in records.enumerated() {
            let page = Int(record.page)
            let first = result.pages[page].rows.count
            pages[page].body.withUnsafeBufferPointer { body in
                var expansion = Expansion(
                    layout: layout, tree: tree, body: body, page: pages[page],
                    row: Int(record.row))
                expansion.run(into: &result.pages[page])
            }
            for row in first..<result.pages[page].rows.count {
                result.rows.append(RowReference(page: page, row: row))
                result.records.append(place)
            }
        }
        return result
    }

    /// The same body without rows.
    private func emptied(_ page: RawPage) -> RawPage {
        var copy = RawPage(
            body: page.body, fieldCount: page.fieldCount, rows: [], cells: [], unknownFields: [],
            number: page.number, requestID: page.requestID)
        copy.namePrefixes = tree.prefixes
        return copy
    }
}

/// Rows that records were expanded to.
struct ExpandedRows {
    /// As many as there were, each with only the rows that were made.
    var pages: [RawPage]
    var rows: [RowReference] = []
    /// For each row the place of its record among those that were expanded.
    var records: [Int] = []

    /// Hashes of the rows' keys: those of their records, mixed with the ordinal.
    func keyHashes(_ ofRecords: [UInt64]) -> [UInt64] {
        if ofRecords.isEmpty { return [] }
        return zip(rows, records).map { row, record in
            let ordinal = pages[Int(row.page)].ordinals[Int(row.row)]
            return ofRecords[record] ^ (UInt64(ordinal) &* 0x9E37_79B9_7F4A_7C15)
        }
    }
}

/// One record on its way to rows.
private struct Expansion {
    /// What is known of a row so far.
    struct Branch {
        var cells: [RawCell]
        var unknown: [UnknownField] = []
        /// Cells that the element at hand has filled.
        var filled: [Int] = []
    }

    /// A list inside an element, and the node of its elements.
    typealias InnerList = (value: RawCell, node: Int)

    let layout: CellLayout
    let tree: ElementTree
    let body: UnsafeBufferPointer<UInt8>
    let page: RawPage
    let row: Int
    /// The record's own, before and after the list.
    private let unknown: (before: ArraySlice<UnknownField>, after: ArraySlice<UnknownField>)
    private let listPosition: UInt16
    private var ordinal: Int32 = 0

    init(
        layout: CellLayout, tree: ElementTree, body: UnsafeBufferPointer<UInt8>, page: RawPage,
        row: Int
    ) {
        self.layout = layout
        self.tree = tree
        self.body = body
        self.page = page
        self.row = row
        let position = layout.list.map { page.cell(row: row, field: $0).position } ?? 0
        let own = page.unknownFields(of: row)
        let before = own.prefix { $0.value.position <= position }
        unknown = (before, own.dropFirst(before.count))
        listPosition = position
    }

    mutating func run(into output: inout RawPage) {
        let start = row * page.fieldCount
        var record = Branch(cells: Array(page.cells[start..<start + page.fieldCount]))
        let list = layout.list.map { record.cells[$0] } ?? RawCell(kind: .missing)
        switch list.kind {
        case .array where !isEmpty(list), .object:
            expand(list, node: 0, depth: 0, record, into: &output)
            return
        case .repeated: for cell in tree.cells(below: 0) { record.cells[cell].kind = .repeated }
        case .missing, .null, .array: break
        default: record.unknown.append(stray(0..<0, list, depth: 0))
        }
        emit(record, into: &output)
    }

    /// Goes through the elements of a list, or the one object in its place.
    private mutating func expand(
        _ list: RawCell, node: Int, depth: Int, _ branch: Branch, into output: inout RawPage
    ) {
        for element in list.kind == .object ? [list] : elements(of: list) {
            var own = branch
            own.filled = []
            var inner: InnerList?
            if !read(element, node, depth: depth, isElement: true, &own, &inner) {
                own.unknown.append(stray(0..<0, element, depth: depth))
            }
            if let inner, !isEmpty(inner.value) {
                expand(inner.value, node: inner.node, depth: depth + 1, own, into: &output)
            } else {
                ordinal += 1
                emit(own, into: &output)
            }
        }
    }

    /// Fills cells from a value.
    ///
    /// - Parameter isElement: its members are kept one by one where they fill no cell.
    /// - Returns: whether nothing of it is lost.
    private func read(
        _ value: RawCell, _ index: Int, depth: Int, isElement: Bool = false,
        _ branch: inout Branch, _ inner: inout InnerList?
    ) -> Bool {
        let node = tree.nodes[index]
        for cell in node.cells { fill(cell, value, &branch) }
        var isWhole = true
        switch value.kind {
        case .array where node.element != nil, .object where node.element != nil:
            inner = node.element.map { (value, $0) }
        case .object where isElement || !node.members.isEmpty:
            isWhole = readMembers(of: value, node, depth, isElement, &branch, &inner)
        case .array where !node.items.isEmpty:
            for (place, element) in elements(of: value).enumerated() {
                guard let item = node.items.first(where: { $0.place == place }) else {
                    isWhole = false
                    continue
                }
                isWhole = read(element, item.node, depth: depth, &branch, &inner) && isWhole
            }
        case .null: break
        case .array, .object: isWhole = isEmpty(value)
        default: isWhole = false
        }
        return isWhole || !node.cells.isEmpty
    }

    private func readMembers(
        of object: RawCell, _ node: ElementTree.Node, _ depth: Int, _ isElement: Bool,
        _ branch: inout Branch, _ inner: inout InnerList?
    ) -> Bool {
        var isWhole = true
        var met: [Int] = []
        var members = elements(of: object).makeIterator()
        while let name = members.next(), let value = members.next() {
            if let member = node.members.first(where: { isNamed(name, $0.key) }) {
                let isKept = read(value, member.node, depth: depth, &branch, &inner)
                if met.contains(member.node) {
                    for cell in tree.cells(below: member.node) {
                        branch.cells[cell].kind = .repeated
                    }
                }
                met.append(member.node)
                if isKept { continue }
            }
            if isElement {
                branch.unknown.append(stray(name.range, value, depth: depth))
            } else {
                isWhole = false
            }
        }
        return isWhole
    }

    private func fill(_ cell: Int, _ value: RawCell, _ branch: inout Branch) {
        if branch.filled.contains(cell) {
            branch.cells[cell].kind = .repeated
            return
        }
        branch.filled.append(cell)
        branch.cells[cell] = placed(value)
    }

    /// The value at the place that the list has in its record.
    private func placed(_ value: RawCell) -> RawCell {
        var value = value
        value.position = listPosition
        return value
    }

    /// A member of an element, or an element, that fills no cell.
    private func stray(_ name: Range<Int>, _ value: RawCell, depth: Int) -> UnknownField {
        UnknownField(row: 0, name: name, value: placed(value), prefix: UInt16(depth + 1))
    }

    // MARK: Output

    private func emit(_ branch: Branch, into output: inout RawPage) {
        var cells = branch.cells
        for alternative in layout.alternatives {
            let other = cells[alternative.other]
            let isNothing = [.missing, .null].contains(cells[alternative.cell].kind)
            if isNothing, other.kind != .missing { cells[alternative.cell] = other }
        }
        let place = output.rows.count
        for var field in unknown.before + branch.unknown + unknown.after {
            field.row = place
            output.unknownFields.append(field)
        }
        output.rows.append(page.rows[row])
        output.cells += cells
        output.ordinals.append(ordinal)
        if page.invalidRows.contains(row) { output.invalidRows.insert(place) }
    }

    // MARK: JSON

    /// The elements of a list, or names and values of an object in turn.
    private func elements(of value: RawCell) -> [RawCell] {
        var cursor = JSONCursor(UnsafeBufferPointer(rebasing: body[value.range]))
        var found: [RawCell] = []
        while var cell = cursor.next() {
            cell.offset += value.offset
            found.append(cell)
        }
        return found
    }

    private func isEmpty(_ value: RawCell) -> Bool {
        var cursor = JSONCursor(UnsafeBufferPointer(rebasing: body[value.range]))
        return cursor.next() == nil
    }

    private func isNamed(_ name: RawCell, _ key: [UInt8]) -> Bool {
        guard name.isEscaped else { return body[name.unquotedRange].elementsEqual(key) }
        var text: [UInt8] = []
        let token = UnsafeBufferPointer(rebasing: body[name.range])
        return JSONText.appendUnescaped(token, to: &text) && text == key
    }
}
