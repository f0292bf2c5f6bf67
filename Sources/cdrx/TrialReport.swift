import ExportModel
import ExportRun

/// Prints what `endpoints ID --try` brought.
struct TrialReport {
    let endpoint: Endpoint
    let outcome: EndpointTrial.Outcome

    /// What happened, then a line for each column with the values of the first records, then what
    /// the entry and the response do not have in common.
    func printTable() {
        Console.printData("\(endpoint.id): stream \(outcome.stream), account \(outcome.account)")
        if let request = outcome.request { Console.printData(request) }
        if let status = outcome.status {
            let seconds = Double(outcome.milliseconds) / 1_000
            Console.printData(
                "HTTP \(status), \(outcome.responseByteCount) bytes in \(seconds) s")
        }
        guard outcome.failure == nil else { return }
        let total = outcome.total.map { " of \($0) that the provider reports" } ?? ""
        Console.printData("\(outcome.recordCount, "record")\(total)")
        printRejects()
        if !outcome.rows.isEmpty { printRows() }
        for member in outcome.unread {
            Console.printData("no field reads \(member.name): \(member.example)")
        }
        if !outcome.absent.isEmpty {
            Console.printData("no record has \(outcome.absent.joined(separator: ", "))")
        }
    }

    private func printRejects() {
        var seen: [String] = []
        for reject in outcome.rejects {
            let value = String(decoding: reject.value, as: UTF8.self)
            let place = [reject.reason.rawValue, reject.field].compactMap { $0 }
            guard !seen.contains(place.joined()) else { continue }
            seen.append(place.joined())
            Console.printData(
                "set aside: \(place.joined(separator: " ")) \(value) "
                    + "(cdrx help \(reject.reason.rawValue))")
        }
        if outcome.rejects.count > seen.count {
            Console.printData("set aside: \(outcome.rejects.count) records in all")
        }
    }

    private func printRows() {
        Console.printData("")
        let numbers = outcome.rows.indices.map { ("RECORD \($0 + 1)", TextTable.Alignment.left) }
        var table = TextTable([("COLUMN", .fixed), ("FROM", .left)] + numbers)
        for column in outcome.columns {
            table.append([column.name, column.source] + column.values.map(Self.shown))
        }
        table.print(fitting: Terminal.standardOutput().columnCount)
        Console.printData("")
    }

    /// Without the quotes of a text; control characters stay escaped.
    private static func shown(_ json: String) -> String {
        if json == "null" { return "" }
        guard json.hasPrefix("\""), !json.contains("\\") else { return json }
        return String(json.dropFirst().dropLast())
    }

    /// One object; its `rows` are as NDJSON partitions have them.
    func printJSON() {
        var object = JSONObject()
        object.add("report", "trial")
        object.add("endpoint", endpoint.id)
        object.add("stream", outcome.stream)
        object.add("account", outcome.account)
        object.add("request", outcome.request)
        object.add("status", outcome.status)
        object.add("response_bytes", outcome.responseByteCount)
        object.add("milliseconds", Int(outcome.milliseconds))
        object.add("total", outcome.total)
        object.add("records", outcome.recordCount)
        object.add(
            "rejects",
            outcome.rejects.map { reject in
                var item = JSONObject()
                item.add("reason", reject.reason.rawValue)
                item.add("field", reject.field)
                item.add("value", String(decoding: reject.value, as: UTF8.self))
                return item
            })
        object.add("columns", outcome.columns.map { Self.pair($0.name, "from", $0.source) })
        object.add(
            "rows",
            outcome.rows.map { row in
                var item = JSONObject()
                item.addMembers(of: Array(row.utf8))
                return item
            })
        object.add("unread", outcome.unread.map { Self.pair($0.name, "example", $0.example) })
        object.add("absent", outcome.absent)
        object.add("failure", outcome.failure.map(JSONReport.failure))
        var lines = JSONLines()
        lines.append(object)
        lines.print()
    }

    private static func pair(_ name: String, _ key: String, _ value: String) -> JSONObject {
        var item = JSONObject()
        item.add("name", name)
        item.add(key, value)
        return item
    }
}
