public import ExportModel

/// The place of one window's partition in an export.
///
/// `<stream>/account=<account>/` and the window's own directories, named as Hive names partitions,
/// so that query engines find `account`, `dt`, `hour`, `month` and `batch` as columns.
public struct PartitionLocation: Hashable, Sendable {
    /// Directory names below the export's root, outermost first.
    public let components: [String]

    public init(stream: String, account: String, window: WindowKey) {
        components =
            [Self.escaped(stream), "account=" + Self.escaped(account)]
            + window.pathComponents.map { component in
                // The name before the first `=` is ours, only the value may hold anything.
                let parts = component.split(separator: "=", maxSplits: 1)
                return parts.count == 2
                    ? "\(parts[0])=" + Self.escaped(String(parts[1])) : Self.escaped(component)
            }
    }

    /// Relative to the export's root.
    public var relativePath: String { components.joined(separator: "/") }

    /// Replaces what no directory name may hold, or Hive reads as something else, by `%XX`
    /// (the set of Hive's `FileUtils.escapePathName`).
    static func escaped(_ name: String) -> String {
        if name == "." || name == ".." { return String(repeating: "%2E", count: name.utf8.count) }
        var output: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in name.utf8 {
            if byte < 0x20 || byte == 0x7F || special.contains(byte) {
                output.append(UInt8(ascii: "%"))
                output.append(digits[Int(byte >> 4)])
                output.append(digits[Int(byte & 15)])
            } else {
                output.append(byte)
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static let special = Set(##""#%'*/:=?\{[]^"##.utf8)
}

extension PartitionDescription {
    /// Where the partition stands.
    public var location: PartitionLocation {
        PartitionLocation(stream: stream, account: account, window: window.key)
    }
}
