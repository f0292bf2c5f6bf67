import FileSystem

/// What the files that AWS' tools share say of the chosen profile: `~/.aws/credentials` and
/// `~/.aws/config`.
struct SharedProfile: Sendable {
    /// `AWS_PROFILE`, or `default`.
    let name: String
    /// Where it was looked for.
    let paths: [String]
    /// Keys in lower case; those of the file of credentials before those of the other.
    private let settings: [String: String]
    /// `endpoint_url` by service, from the section that the profile's `services` names.
    private let endpoints: [String: String]

    /// - Throws: ``ObjectStorageError/Code/credentials`` where the environment names a profile that
    ///   is nowhere; ``ObjectStorageError/Code/file`` where a file cannot be read.
    init(_ environment: StoreEnvironment) throws(ObjectStorageError) {
        let home = environment.variable("HOME") ?? ""
        func path(_ variable: String, _ standard: String) -> String {
            let path = environment.variable(variable) ?? standard
            return path.hasPrefix("~/") ? home + path.dropFirst() : path
        }
        let credentialsPath = path("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")
        let configurationPath = path("AWS_CONFIG_FILE", "~/.aws/config")
        let named = environment.variable("AWS_PROFILE")
        let name = named ?? "default"
        let credentials = SharedFile(try Self.text(credentialsPath, environment))
        let configuration = SharedFile(try Self.text(configurationPath, environment))
        let found = [
            credentials.sections[name],
            configuration.sections[name == "default" ? name : "profile \(name)"]
                ?? configuration.sections["profile \(name)"],
        ].compactMap { $0 }
        if found.isEmpty, named != nil {
            throw ObjectStorageError(
                .credentials,
                "AWS_PROFILE names the profile \(name), which is neither in \(credentialsPath) nor in "
                    + configurationPath)
        }
        self.name = name
        paths = [credentialsPath, configurationPath]
        settings = found.reduce(into: [:]) { all, section in
            all.merge(section.values) { first, _ in first }
        }
        let services = settings["services"].flatMap { configuration.sections["services \($0)"] }
        let isIgnored = environment.variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == "true"
        var endpoints: [String: String] = [:]
        for (service, values) in services?.nested ?? [:] {
            endpoints[service] = values["endpoint_url"]
        }
        endpoints[""] = settings["endpoint_url"]
        self.endpoints = isIgnored ? [:] : endpoints
    }

    subscript(_ key: String) -> String? {
        settings[key].flatMap { $0.isEmpty ? nil : $0 }
    }

    var region: String? { self["region"] }

    /// Of `s3`; nil: AWS' own.
    var endpoint: String? { endpoint(of: "s3") }

    func endpoint(of service: String) -> String? { endpoints[service] ?? endpoints[""] }

    /// Empty where there is no such file.
    private static func text(
        _ path: String, _ environment: StoreEnvironment
    ) throws(ObjectStorageError) -> String {
        String(decoding: try SmallFile.bytes(path, environment) ?? [], as: UTF8.self)
    }
}

/// A file that others write, for whom a link is as good as a file: Kubernetes mounts tokens so.
enum SmallFile {
    private static let maximumByteCount = 1 << 20

    /// nil where there is none.
    static func bytes(
        _ path: String, _ environment: StoreEnvironment
    ) throws(ObjectStorageError) -> [UInt8]? {
        let files = Files<ObjectStorageError>(environment.disk)
        guard let file = try files.open(path, .read) else { return nil }
        return try file.read(at: 0, byteCount: maximumByteCount)
    }

    /// Without white space around it.
    ///
    /// - Throws: ``ObjectStorageError/Code/credentials`` where there is none.
    static func text(
        _ path: String, _ environment: StoreEnvironment, namedBy name: String
    ) throws(ObjectStorageError) -> String {
        guard let bytes = try bytes(path, environment) else {
            throw ObjectStorageError(.credentials, "\(name) names \(path), which is not there")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        return String(
            text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}

/// The format of both files: sections in brackets, `key = value`, and indented below a key without a
/// value a level of such lines.
///
/// Source: "Shared config and credentials files", AWS SDKs and Tools reference.
struct SharedFile {
    struct Section {
        /// Keys in lower case.
        var values: [String: String] = [:]
        var nested: [String: [String: String]] = [:]
    }

    /// By the words in the brackets, without quotation marks, one space between them.
    private(set) var sections: [String: Section] = [:]

    init(_ text: String) {
        var (section, parent): (String?, String?)
        for line in text.split(whereSeparator: \.isNewline) {
            let trimmed = Self.trimmed(line)
            guard let first = trimmed.first, first != "#", first != ";" else { continue }
            if first == "[" {
                let words = trimmed.dropFirst().prefix { $0 != "]" }
                    .split(whereSeparator: { $0.isWhitespace || "\"'".contains($0) })
                section = words.joined(separator: " ")
                parent = nil
                continue
            }
            guard let section, let equals = trimmed.firstIndex(of: "=") else { continue }
            let key = Self.trimmed(trimmed[..<equals]).lowercased()
            let value = String(Self.trimmed(trimmed[trimmed.index(after: equals)...]))
            if line.first?.isWhitespace == true, let parent {
                sections[section, default: Section()].nested[parent, default: [:]][key] = value
            } else {
                sections[section, default: Section()].values[key] = value
                parent = value.isEmpty ? key : nil
            }
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
