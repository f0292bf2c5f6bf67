import ExportModel
import Yams

/// Reads `on_success` and `on_failure`: a command, or a mapping with its time limit.
enum EndCommandReader {
    /// The longest a command may take: a day.
    private static let maximumMilliseconds: Int64 = 86_400_000

    /// nil, and findings, where the value is none.
    static func read(_ item: YAMLValue) -> EndCommand? {
        guard item.isMapping else {
            return command(item).map { EndCommand(command: $0) }
        }
        guard let mapping = MappingReader(item, keys: PipelineKeys.endCommand),
            let command = mapping.required(
                "command", remedy: "say what to call, as in `command: ./notify.sh`"
            ).flatMap(command)
        else { return nil }
        guard let limit = mapping.value("timeout") else { return EndCommand(command: command) }
        return limit.milliseconds(in: 1_000...maximumMilliseconds, shownAs: "from `1s` to `24h`")
            .map { EndCommand(command: command, timeoutMilliseconds: $0) }
    }

    /// The text as it stands in the file: what `${NAME}` is, the shell knows, and a value that
    /// stood in a command line could be seen by everyone on the machine.
    private static func command(_ item: YAMLValue) -> String? {
        guard case .scalar(let scalar) = item.node, !item.isNull, !scalar.string.isEmpty else {
            item.fail("\(item.name) must be a shell command, not \(item.shape)")
            return nil
        }
        return scalar.string
    }
}
