import Yams

/// Mappings whose keys are names of the user's choice, and lists of mappings.
extension YAMLValue {
    /// The entries of a mapping with free keys, in the file's order; nil (and a finding) for
    /// anything else. Entries whose key is no single word are left out with a finding.
    func entries(of what: String) -> [(key: YAMLValue, name: String, value: YAMLValue)]? {
        guard case .mapping(let mapping) = node else {
            fail("\(name) must be a mapping of \(what), not \(shape)")
            return nil
        }
        return mapping.compactMap { pair in
            let key = YAMLValue(node: pair.key, name: "a key", context: context)
            guard case .scalar(let scalar) = pair.key else {
                key.fail("a key must be a single word, not \(key.shape)")
                return nil
            }
            guard !YAMLDocument.isMasked(scalar.string) else { return nil }
            let value = YAMLValue(node: pair.value, name: "`\(scalar.string)`", context: context)
            return (key, scalar.string, value)
        }
    }

    /// Reads every item of a list; nil if it is no list or an item gives nil.
    func each<Value>(of what: String, _ read: (YAMLValue) -> Value?) -> [Value]? {
        guard let items = list(of: what) else { return nil }
        let values = items.map(read)
        return values.contains { $0 == nil } ? nil : values.compactMap { $0 }
    }
}
