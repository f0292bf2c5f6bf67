public import ExportModel

/// The place of a partition in an export.
///
/// `<stream>/`, `cdrx_account=<account>/` where each account has partitions of its own, the
/// window's own directories, and `bucket=<number>/` where accounts are dealt into buckets, named as
/// Hive names partitions, so that query engines find `cdrx_account`, `dt`, `hour`, `month`, `batch`
/// and `bucket` as columns. None of these is the name of a
/// column in the files: readers of Hive paths refuse two columns of one name.
public struct PartitionLocation: Hashable, Sendable {
    /// Directory names below the export's root, outermost first.
    public let components: [String]

    /// - Parameters:
    ///   - account: nil for a partition of all accounts, or of those of a bucket.
    ///   - bucket: nil but for a partition of a bucket's accounts.
    public init(stream: String, account: String?, bucket: Bucket? = nil, window: WindowKey) {
        components =
            [Self.escaped(stream)] + (account.map { [Self.accountKey + Self.escaped($0)] } ?? [])
            + window.pathComponents.map { component in
                // The name before the first `=` is ours, only the value may hold anything.
                let parts = component.split(separator: "=", maxSplits: 1)
                return parts.count == 2
                    ? "\(parts[0])=" + Self.escaped(String(parts[1])) : Self.escaped(component)
            } + (bucket.map { [$0.directoryName] } ?? [])
    }

    private init(components: [String]) {
        self.components = components
    }

    /// Where manifest version 1 had the partition of an account and this window.
    func formerly(of account: String) -> Self {
        let window = components.dropFirst(layout == .account ? 2 : 1).filter {
            !$0.hasPrefix(Bucket.directoryPrefix)
        }
        return Self(
            components: [components[0], Self.formerAccountKey + Self.escaped(account)] + window)
    }

    /// Whether an entry of the stream's directory belongs to partitions of the other layout.
    func isOfOtherLayout(_ name: String) -> Bool {
        keysOfOtherLayout.contains { name.hasPrefix($0) }
    }

    /// What the entries of the stream's directory that belong to the other layout begin with.
    var keysOfOtherLayout: [String] {
        layout == .account ? Self.windowKeys : [Self.accountKey]
    }

    /// Where partitions lie that must be of the same pipeline as this one.
    var directoriesOfOwner: [String] {
        guard layout == .account else { return [components[0]] }
        let value = components[1].dropFirst(Self.accountKey.count)
        return ["\(components[1])", Self.formerAccountKey + value].map {
            "\(components[0])/\($0)"
        }
    }

    /// The directories of the window, which those of its buckets lie in.
    public var windowComponents: [String] {
        isOfBucket ? components.dropLast() : components
    }

    /// Whether it is the partition of a bucket's accounts.
    var isOfBucket: Bool { components.last?.hasPrefix(Bucket.directoryPrefix) ?? false }

    /// What shares the partition's directory.
    public var layout: PartitionLayout {
        components[1].hasPrefix(Self.accountKey) ? .account : .window
    }

    /// What the directory of an account begins with, and with manifest version 1 did.
    static let accountKey = "cdrx_account="
    static let formerAccountKey = "account="
    /// What a directory of a stream begins with.
    static let keys = [accountKey, formerAccountKey] + windowKeys
    static let windowKeys = ["dt=", "month=", "batch="]
    /// What the name of a part begins with.
    static let partPrefix = "part-"

    /// Whether a ``relativePath`` is that of a partition of one account.
    static func isOfAccount(_ relativePath: String) -> Bool {
        let components = relativePath.split(separator: "/")
        return components.count > 1
            && [accountKey, formerAccountKey].contains { components[1].hasPrefix($0) }
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
        PartitionLocation(stream: stream, account: account, bucket: bucket, window: window.key)
    }
}
