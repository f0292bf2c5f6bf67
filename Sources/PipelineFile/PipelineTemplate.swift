public import ExportModel

/// A first pipeline file for some endpoints: valid once its environment variables are set, with
/// every choice explained from the endpoints' entries.
public struct PipelineTemplate {
    private let streams: [TemplateStream]
    private let name: String

    /// - Parameter name: of the pipeline.
    public init(_ endpoints: [Endpoint], name: String) {
        self.name = name
        let names = TemplateNames(endpoints)
        streams = zip(endpoints, names.streams).map { endpoint, stream in
            TemplateStream(endpoint: endpoint, name: stream, names: names)
        }
    }

    /// Whether a pipeline may be called so.
    public static func isName(_ text: String) -> Bool { NameRule.isPipelineName(text) }

    /// Environment variables that the file needs, in its order, each once.
    public var variables: [TemplateVariable] {
        var seen: Set<String> = []
        return streams.flatMap(\.variables).filter { seen.insert($0.name).inserted }
    }

    /// Environment variables of the streams' addresses, each once: for a simulator.
    public var addressVariables: [String] {
        var seen: Set<String> = []
        return streams.map(\.baseURLVariable).filter { seen.insert($0).inserted }
    }

    /// Where request ids are expected, with `{window}` for the window's key; one a stream.
    public var requestLists: [String] { streams.compactMap(\.requestList) }

    /// The YAML.
    public var text: String {
        var lines = TemplateLines()
        header(&lines)
        windows(&lines)
        output(&lines)
        lines.add(
            "# A secret is ${NAME} of the environment, ${file:/run/secrets/x} or ${command:pass show x}."
        )
        lines.add("streams:")
        for (index, stream) in streams.enumerated() {
            if index > 0 { lines.blank() }
            stream.append(to: &lines)
        }
        return lines.text
    }

    private func header(_ lines: inout TemplateLines) {
        lines.add("# yaml-language-server: $schema=\(FileSchema.pipeline.fileName)")
        lines.add("#")
        lines.add(
            "# `cdrx validate` checks this file, `cdrx check` tries the credentials, `cdrx run` exports"
        )
        lines.add(
            "# what is due. Lines that begin with `# ` and a key are choices: remove the `# `.")
        lines.add("pipeline: \(name)", "names the export in reports and in its ledger")
        lines.add("timezone: UTC", "a day is a day there; an IANA name such as Asia/Kolkata")
        lines.blank()
    }

    private func windows(_ lines: inout TemplateLines) {
        lines.add("windows:")
        lines.add("  every: day", "hour | day | month: a directory each")
        lines.add(
            "  range: yesterday",
            "yesterday | today | last 7 days | {from: 2026-01-01, to: 2026-02-01}")
        lines.add("  settle: 30m", "a window is due once its end and this have passed")
        lines.add("  refresh: 2", "read the 2 newest due windows again: rows and notes come late")
        lines.add(
            "  # catch_up_from: 2026-01-01", "and every due day since then that is not complete")
        lines.blank()
        lines.add("extract:")
        lines.add(
            "  requests_per_second: 5", "per account; a provider that answers 429 is asked slower")
        lines.add("  max_rejects: 1%", "of a window's records may be unreadable; more fail it")
        lines.blank()
    }

    private func output(_ lines: inout TemplateLines) {
        lines.add("output:")
        lines.add("  path: exports", "relative to this file")
        lines.add("  format: csv", "csv | ndjson | parquet")
        lines.add(
            "  # columns: native", "the provider's own fields; or a list: [call_id, started_at]")
        lines.blank()
    }
}

/// An environment variable of a template, and what it holds.
public struct TemplateVariable: Equatable, Sendable {
    public let name: String
    public let summary: String
}

/// Lines of YAML with their comments in one column; what is too long for that stands above its line.
struct TemplateLines {
    private static let commentColumn = 40
    private static let width = 100
    private(set) var text = ""

    mutating func blank() { text += "\n" }

    mutating func add(_ line: String, _ comment: String = "") {
        guard !comment.isEmpty else {
            text += line + "\n"
            return
        }
        let padding = max(Self.commentColumn - line.count, 2)
        guard line.count + padding + 2 + comment.count <= Self.width else {
            addAbove(line, comment)
            return
        }
        text += line + String(repeating: " ", count: padding) + "# " + comment + "\n"
    }

    private mutating func addAbove(_ line: String, _ comment: String) {
        let indent = line.prefix { $0 == " " }
        var words = indent + "#"
        for word in comment.split(separator: " ") {
            if words.count + 1 + word.count > Self.width {
                text += words + "\n"
                words = indent + "#"
            }
            words += " " + word
        }
        text += words + "\n" + line + "\n"
    }
}
