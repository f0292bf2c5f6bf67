import ExportModel

/// Reads the value of a request parameter.
enum ParameterReader {
    /// A whole number for `int`; for `text` any single value as it is written, also an empty one.
    static func value(_ item: YAMLValue, type: ParameterType) -> ParameterValue? {
        switch type {
        case .text:
            return item.scalar(as: "text").map { .text($0.text) }
        case .int:
            guard let scalar = item.scalar(as: "a whole number") else { return nil }
            guard scalar.isPlain, let value = YAMLValue.wholeNumber(scalar.text) else {
                item.fail("\(item.name) must be a whole number, not \(scalar.quoted)")
                return nil
            }
            return .int(value)
        }
    }
}
