public import ExportModel
import Yams

/// Reads where an object store is: `s3://bucket/prefix`, the keys beside it, and the environment.
public struct ObjectStoreReader {
    /// The keys of `output` that say something of the store.
    static let keys = ["endpoint", "region", "path_style", "sse", "kms_key", "storage_class"]
    /// What is put away there is not given out at once, and a run reads the manifests that stand.
    private static let slowClasses = ["GLACIER", "DEEP_ARCHIVE"]

    /// nil where the file has no `output`.
    let output: MappingReader?
    /// What names the store, for mistakes in the environment.
    let place: YAMLValue
    /// Whether runs write there, or a part of an output is read.
    var isOutput = true

    /// The store that a command line names, all else from the environment.
    ///
    /// - Throws: what is wrong, a sentence.
    public static func location(
        of uri: String, environment: [String: String]
    ) throws(ObjectStoreArgumentError) -> ObjectStoreLocation {
        let findings = Findings()
        let context = ReadingContext(file: uri, environment: environment, findings: findings)
        let place = YAMLValue(node: Node(uri), name: uri, context: context)
        guard let location = Self(output: nil, place: place, isOutput: false).read(uri),
            !findings.hasErrors
        else {
            let messages = findings.diagnostics.filter { $0.severity == .error }.map(\.message)
            throw ObjectStoreArgumentError(message: messages.joined(separator: "; "))
        }
        return location
    }

    /// nil (and findings) for a mistake.
    ///
    /// - Precondition: `uri` begins with `s3://`.
    func read(_ uri: String) -> ObjectStoreLocation? {
        let parts = ObjectStoreURI(uri)
        let flaw = isOutput ? parts.outputFlaw : parts.flaw
        if let flaw { place.fail("\(place.name): `\(uri)` \(flaw)") }
        let endpoint = endpoint()
        let region = region()
        let pathStyle = output?.value("path_style").map { $0.bool() }
        let sse = output?.value("sse").map { $0.word(ObjectStoreLocation.Encryption.self) } ?? nil
        let key = output?.value("kms_key").flatMap { $0.text("the name of a key") }
        if let item = output?.value("kms_key"), [nil, .storeKeys].contains(sse) {
            item.fail("`kms_key` names a key of `sse: aws:kms`; add that, or remove the key")
        }
        let storageClass = output?.value("storage_class").flatMap(Self.storageClass)
        guard flaw == nil else { return nil }
        return ObjectStoreLocation(
            bucket: parts.bucket, prefix: parts.prefix, endpoint: endpoint, region: region,
            pathStyle: (pathStyle ?? nil)
                ?? (endpoint != nil || !Self.isHostName(parts.bucket)),
            sse: sse, kmsKey: key, storageClass: storageClass)
    }

    private func endpoint() -> String? {
        if let item = output?.value("endpoint") {
            return item.text("a URL").flatMap { BaseURL.read($0, of: .objectStore, item) }
        }
        guard let (name, value) = variable(["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]) else {
            return nil
        }
        return BaseURL.read(value, of: .objectStore, place.renamed("`\(name)` of the environment"))
    }

    private func region() -> String? {
        let found: (item: YAMLValue, text: String)?
        if let item = output?.value("region") {
            found = item.text("the name of a region").map { (item, $0) }
        } else {
            found = variable(["AWS_REGION", "AWS_DEFAULT_REGION"]).map {
                (place.renamed("`\($0.name)` of the environment"), $0.value)
            }
        }
        guard let (item, text) = found else { return nil }
        guard text.utf8.allSatisfy({ NameRule.isWordByte($0) || $0 == UInt8(ascii: "-") }) else {
            item.fail("\(item.name) must be the name of a region, as in `eu-central-1` or `auto`")
            return nil
        }
        return text
    }

    /// The first of some variables that is set and not empty.
    private func variable(_ names: [String]) -> (name: String, value: String)? {
        for name in names {
            if let value = place.context.environment?[name], !value.isEmpty { return (name, value) }
        }
        return nil
    }

    private static func storageClass(_ item: YAMLValue) -> String? {
        guard let text = item.text("a storage class") else { return nil }
        guard text.utf8.allSatisfy({ NameRule.isWordByte($0) || $0 == UInt8(ascii: "-") }) else {
            item.fail("\(item.name) must be one word, as in `STANDARD_IA`")
            return nil
        }
        guard !slowClasses.contains(text) else {
            item.fail(
                "\(item.name): objects of `\(text)` cannot be read at once, and every run reads "
                    + "manifests; use `GLACIER_IR`, or move old objects by a rule of the bucket")
            return nil
        }
        return text
    }

    /// Whether a bucket may be a part of a host's name that its certificate covers: one label.
    private static func isHostName(_ bucket: String) -> Bool {
        bucket.utf8.count <= 63
            && bucket.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "-")
            }
    }
}

/// What is wrong with a store that a command line names.
public struct ObjectStoreArgumentError: Error {
    public let message: String
}
