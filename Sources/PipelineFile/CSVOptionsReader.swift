import ExportModel

/// Reads the dialect of CSV files.
enum CSVOptionsReader {
    static func read(_ item: YAMLValue) -> CSVOptions? {
        guard let csv = MappingReader(item, keys: PipelineKeys.csv) else { return nil }
        let delimiter = csv.value("delimiter").map(Self.delimiter) ?? UInt8(ascii: ",")
        let hasHeader = csv.value("header").map { $0.bool() } ?? true
        let null = csv.value("null").map { Self.null($0, delimiter: delimiter) } ?? ""
        let newline = csv.value("newline").map { $0.word(CSVOptions.Newline.self) } ?? .lf
        guard let delimiter, let hasHeader, let null, let newline else { return nil }
        return CSVOptions(
            delimiter: delimiter, hasHeader: hasHeader, null: null, newline: newline)
    }

    private static func delimiter(_ item: YAMLValue) -> UInt8? {
        guard let scalar = item.scalar(as: "one ASCII character") else { return nil }
        let bytes = Array(scalar.text.utf8)
        let forbidden = "\"\r\n".utf8
        guard bytes.count == 1, bytes[0] < 128, bytes[0] != 0, !forbidden.contains(bytes[0]) else {
            item.fail(
                "\(item.name) must be one ASCII character, neither a quote nor a line break, "
                    + "as in `\",\"`, `\";\"` or `\"\\t\"`")
            return nil
        }
        return bytes[0]
    }

    /// Written unquoted, so it must not look like anything else.
    private static func null(_ item: YAMLValue, delimiter: UInt8?) -> String? {
        guard let scalar = item.scalar(as: "text") else { return nil }
        let forbidden = Set("\"\r\n".utf8).union([delimiter ?? UInt8(ascii: ",")])
        guard !scalar.text.utf8.contains(where: forbidden.contains) else {
            item.fail(
                "\(item.name) must contain neither the delimiter nor quotes nor line breaks")
            return nil
        }
        return scalar.text
    }
}
