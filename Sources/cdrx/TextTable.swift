/// Rows of text as aligned columns.
///
/// Cells are kept as bytes: a hundred thousand windows are a few megabytes until they are printed.
struct TextTable {
    enum Alignment {
        /// Cut where the line is too long.
        case left
        /// To the left, never cut.
        case fixed
        case right
    }

    /// Follows each cell; no UTF-8 text holds it.
    private static let cellEnd: UInt8 = 0xFF
    private static let pieceByteCount = 1 << 16
    /// Columns of text are not cut below this many characters.
    private static let minimumWidth = 8

    private let alignments: [Alignment]
    /// In characters, by column.
    private var widths: [Int]
    private var pieces: [[UInt8]] = []
    private var piece: [UInt8] = []

    init(_ titles: [(String, Alignment)]) {
        alignments = titles.map(\.1)
        widths = titles.map { _ in 0 }
        append(titles.map(\.0))
    }

    mutating func append(_ cells: [String]) {
        for (column, cell) in cells.enumerated() {
            piece.append(contentsOf: cell.utf8)
            widths[column] = max(widths[column], Self.width(of: piece.suffix(cell.utf8.count)))
            piece.append(Self.cellEnd)
        }
        guard piece.count >= Self.pieceByteCount else { return }
        pieces.append(piece)
        piece.removeAll(keepingCapacity: true)
    }

    /// Prints lines without trailing spaces, the titles first.
    ///
    /// - Parameter width: characters in a line; columns of text that are too wide for it are cut,
    ///   the widest first. nil: nothing is cut.
    func print(fitting width: Int? = nil) {
        let widths = width.map(fitted) ?? widths
        var text: [UInt8] = []
        for piece in pieces + [piece] {
            var column = 0
            var rest = piece[...]
            while let end = rest.firstIndex(of: Self.cellEnd) {
                append(Self.cut(rest[..<end], to: widths[column]), column, widths, to: &text)
                rest = rest[(end + 1)...]
                column = (column + 1) % alignments.count
            }
            Console.printData(text)
            text.removeAll(keepingCapacity: true)
        }
    }

    /// The widths that make lines no longer than `width`, as far as that can be done.
    private func fitted(to width: Int) -> [Int] {
        var fitted = widths
        let excess = fitted.reduce(2 * (fitted.count - 1), +) - width
        for _ in 0..<max(excess, 0) {
            let text = fitted.indices.filter {
                alignments[$0] == .left && fitted[$0] > Self.minimumWidth
            }
            guard let widest = text.max(by: { fitted[$0] < fitted[$1] }) else { break }
            fitted[widest] -= 1
        }
        return fitted
    }

    private static func cut(_ cell: ArraySlice<UInt8>, to width: Int) -> ArraySlice<UInt8> {
        guard Self.width(of: cell) > width else { return cell }
        let text = String(decoding: cell, as: UTF8.self)
        return Array((String(text.prefix(max(width - 1, 0))) + "…").utf8)[...]
    }

    private func append(
        _ cell: ArraySlice<UInt8>, _ column: Int, _ widths: [Int], to text: inout [UInt8]
    ) {
        let space = UInt8(ascii: " ")
        let padding = repeatElement(space, count: widths[column] - Self.width(of: cell))
        if alignments[column] == .right { text += padding }
        text += cell
        if column + 1 < alignments.count {
            if alignments[column] != .right { text += padding }
            text += [space, space]
        } else {
            while text.last == space { text.removeLast() }
            text.append(UInt8(ascii: "\n"))
        }
    }

    private static func width(of cell: ArraySlice<UInt8>) -> Int {
        cell.allSatisfy { $0 < 0x80 } ? cell.count : String(decoding: cell, as: UTF8.self).count
    }
}
