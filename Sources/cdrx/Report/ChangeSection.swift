import ExportRun
import RunLedger

/// Windows whose records moved: while they were read, after they were published, or away.
struct ChangeSection {
    /// Windows that a table names.
    private static let maximumRowCount = 200

    private let data: ReportData

    init(_ data: ReportData) {
        self.data = data
    }

    var html: HTML {
        let (moved, shrunk) = (movedTable, shrunkTable)
        if moved.isEmpty, shrunk.isEmpty {
            return "<p>No record came twice or late, changed after publication, or went away.</p>"
        }
        return """
            <div class="panel">
            <p class="soft">Seen twice: records that came again under a key that was there, as they \
            do when records enter or leave between two pages; they are dropped. Late: rows that the \
            former version lacks. Changed: rows that it has with other values. Shrunk: the provider \
            has fewer rows than are published, and what stands stays.</p>
            \(moved.isEmpty ? "" : moved.html)
            \(shrunk.isEmpty ? "" : shrunk.html)
            </div>
            """
    }

    private var movedTable: ReportTable {
        var table = ReportTable(
            "Windows with records seen twice, late or changed",
            ["Stream", "Window", ">Seen twice", ">Late rows", ">Changed rows"])
        var count = 0
        for stream in data.streams {
            let contents = data.contents[stream.stream] ?? [:]
            for cell in stream.cells.reversed() where count < Self.maximumRowCount {
                guard let content = contents[cell.window],
                    content.duplicates + content.lateRows + content.changedRows > 0
                else { continue }
                count += 1
                table.append([
                    "\(stream.stream)", "\(cell.window)",
                    "\(ReportNumbers.grouped(content.duplicates))",
                    "\(ReportNumbers.grouped(content.lateRows))",
                    "\(ReportNumbers.grouped(content.changedRows))",
                ])
            }
        }
        return table
    }

    private var shrunkTable: ReportTable {
        var table = ReportTable(
            "Shrunk windows", ["Stream", "Account", "Window", ">Rows", "~What was found"])
        for window in data.shrunk {
            table.append([
                "\(window.stream)", "\(window.account)", "\(window.window)",
                "\(window.record?.archived.map { ReportNumbers.grouped($0.rows) } ?? "–")",
                "\(window.record?.failure?.message ?? "")",
            ])
        }
        return table
    }
}
