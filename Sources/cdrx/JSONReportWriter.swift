import ExportModel

/// Prints a report as `--format json` has it: one object on one line, with the members `report`,
/// `pipeline`, a list that is printed while it grows, and `counts`.
///
/// `pipelines/README.md` ("Reports") documents the shape, `pipelines/<report>.schema.json` each
/// report's list. With `--format ndjson` the list's items are all that is printed, a line each.
struct JSONReportWriter {
    private static let pieceByteCount = 1 << 16

    private var text: [UInt8] = []
    private var isFirst = true
    private let isLines: Bool

    /// - Parameters:
    ///   - report: its name, for programs that read several.
    ///   - pipeline: nil where it is about a directory.
    ///   - members: what is known before the list.
    ///   - list: name of the list.
    init(
        _ report: String, _ format: ConsoleOptions.DataFormat, pipeline: String?,
        _ members: JSONObject? = nil, list: String
    ) {
        isLines = format == .ndjson
        if isLines { return }
        var object = JSONObject()
        object.add("report", report)
        object.add("pipeline", pipeline)
        if let members { object.addMembers(of: members.bytes) }
        object.addName(list)
        text = object.openBytes
        text.append(UInt8(ascii: "["))
    }

    /// Adds an item of the list.
    mutating func append(_ item: JSONObject) {
        if !isFirst { text.append(UInt8(ascii: isLines ? "\n" : ",")) }
        isFirst = false
        item.append(to: &text)
        if text.count >= Self.pieceByteCount { flush() }
    }

    /// Ends the list and the line.
    ///
    /// - Parameters:
    ///   - counts: how often each word occurs in the list.
    ///   - members: what is known only now.
    mutating func finish(counts: [(String, Int)], _ members: JSONObject? = nil) {
        if isLines {
            if !isFirst { text.append(UInt8(ascii: "\n")) }
            return flush()
        }
        text.append(UInt8(ascii: "]"))
        var rest = JSONObject()
        var numbers = JSONObject()
        for (name, count) in counts { numbers.add(name, count) }
        rest.add("counts", numbers)
        if let members { rest.addMembers(of: members.bytes) }
        text.append(UInt8(ascii: ","))
        text += rest.bytes.dropFirst()
        text.append(UInt8(ascii: "\n"))
        flush()
    }

    private mutating func flush() {
        Console.printData(text)
        text.removeAll(keepingCapacity: true)
    }
}
