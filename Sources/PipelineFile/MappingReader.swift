import ExportModel
import Yams

/// The entries of one YAML mapping, by key.
///
/// Making it reports every key that is not among the known ones, with the nearest that is.
struct MappingReader {
    let item: YAMLValue
    private let keys: [String]
    private var entries: [String: YAMLValue] = [:]
    /// In the file's order.
    private(set) var present: [Located<String>] = []

    /// nil (and a finding) if the item is no mapping. Where it may hold secrets, a key without a
    /// value is not repeated: it may be a secret in the wrong place.
    init?(_ item: YAMLValue, keys: [String], mayHoldSecrets: Bool = false) {
        guard case .mapping(let mapping) = item.node else {
            item.fail("\(item.name) must be a mapping (`key: value` lines), not \(item.shape)")
            return nil
        }
        self.item = item
        self.keys = keys
        for (keyNode, value) in mapping {
            let key = YAMLValue(node: keyNode, name: "a key", context: item.context)
            guard case .scalar(let scalar) = keyNode else {
                key.fail("a key must be a single word, not \(key.shape)")
                continue
            }
            let name = scalar.string
            guard !YAMLDocument.isMasked(name) else { continue }
            let entry = YAMLValue(node: value, name: "`\(name)`", context: item.context)
            if name == "<<", scalar.style == .plain {
                key.fail(
                    "merge keys (`<<`) are not supported; "
                        + "repeat the lines, or use an alias for the whole value")
            } else if mayHoldSecrets, entry.isNull {
                key.fail("a key without a value; write `name: value`")
            } else if !keys.contains(name) {
                Self.reportUnknown(name, key: key, of: item, known: keys)
            } else if entry.isNull {
                key.fail("`\(name)` has no value; give one, or remove the line")
            } else {
                entries[name] = entry
                present.append(Located(value: name, location: key.location))
            }
        }
    }

    /// The value of a known key; nil if it is not given.
    ///
    /// - Precondition: `key` is one of the known keys.
    func value(_ key: String) -> YAMLValue? {
        precondition(keys.contains(key), "`\(key)` is not among the keys of this mapping")
        return entries[key]
    }

    /// The value of a key that must be given; nil and a finding without it.
    func required(_ key: String, remedy: String) -> YAMLValue? {
        if let value = value(key) { return value }
        // A key that is there, but has no value, was reported already.
        if !hasKey(key) { item.fail("`\(key)` is missing in \(item.name); \(remedy)") }
        return nil
    }

    private func hasKey(_ key: String) -> Bool {
        guard case .mapping(let mapping) = item.node else { return false }
        return mapping.contains { pair in
            if case .scalar(let scalar) = pair.key { return scalar.string == key }
            return false
        }
    }

    private static func reportUnknown(
        _ name: String, key: YAMLValue, of item: YAMLValue, known: [String]
    ) {
        var suggestion = NearestName.suggestion(for: name, among: known)
        if suggestion.isEmpty {
            suggestion =
                known.isEmpty
                ? "; it takes none"
                : "; known are \(known.map { "`\($0)`" }.joined(separator: ", "))"
        }
        let shown = ScalarText(text: name, isPlain: true, hasReferences: false).quoted
        key.fail("unknown key \(shown) in \(item.name)\(suggestion)")
    }
}
