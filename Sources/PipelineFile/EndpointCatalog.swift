public import ExportModel
import Synchronization

/// The endpoints that cdrx knows, as data. Ids are unique.
public struct EndpointCatalog: Sendable {
    /// Those that ship with cdrx; nil in a catalog of one's own.
    private let embedded: EmbeddedEntries?
    private var added: [Endpoint]
    /// Entries are missing because their files have mistakes, which are among the findings.
    var isIncomplete = false

    /// The entries embedded in the program.
    public static let bundled = EndpointCatalog(embedded: EmbeddedEntries(), added: [])

    /// A catalog of one's own, for tests and tools.
    ///
    /// - Precondition: ids are unique.
    public init(endpoints: [Endpoint]) {
        precondition(Set(endpoints.map(\.id)).count == endpoints.count, "ids must be unique")
        self.init(embedded: nil, added: endpoints)
    }

    private init(embedded: EmbeddedEntries?, added: [Endpoint]) {
        self.embedded = embedded
        self.added = added
    }

    /// In the order of ``files``, then of the file; those that were added come last.
    public var endpoints: [Endpoint] { (embedded?.all ?? []) + added }

    /// nil if no entry has the id.
    public func endpoint(_ id: String) -> Endpoint? {
        added.first { $0.id == id } ?? embedded?.entry(id)
    }

    /// Adds an entry; false if its id is taken.
    mutating func add(_ endpoint: Endpoint) -> Bool {
        guard self.endpoint(endpoint.id) == nil else { return false }
        added.append(endpoint)
        return true
    }

    /// Every file of `Endpoints`, by name. A test compares it with the folder, since the compiler
    /// embeds the files without a list of them.
    static let files: [(name: String, bytes: [UInt8])] = [
        ("telecmi-v1.yaml", PackageResources.telecmi_v1_yaml),
        ("telecmi-v2.yaml", PackageResources.telecmi_v2_yaml),
        ("piopiy-v1.yaml", PackageResources.piopiy_v1_yaml),
        ("commo-v1.yaml", PackageResources.commo_v1_yaml),
        ("wazo-v1.yaml", PackageResources.wazo_v1_yaml),
        ("exotel-v1.yaml", PackageResources.exotel_v1_yaml),
        ("plivo-v1.yaml", PackageResources.plivo_v1_yaml),
        ("twilio-v2010.yaml", PackageResources.twilio_v2010_yaml),
        ("telnyx-v2.yaml", PackageResources.telnyx_v2_yaml),
        ("aircall-v1.yaml", PackageResources.aircall_v1_yaml),
        ("ringcentral-v1.yaml", PackageResources.ringcentral_v1_yaml),
        ("zoom-v2.yaml", PackageResources.zoom_v2_yaml),
        ("vonage-v2.yaml", PackageResources.vonage_v2_yaml),
        ("threecx-v20.yaml", PackageResources.threecx_v20_yaml),
    ]
}

/// The embedded files, each read when an entry of it is first asked for: a run needs one or two of
/// them. A test reads them all; a mistake in one is a mistake of the program.
private final class EmbeddedEntries: Sendable {
    private let read = Mutex<[String: [Endpoint]]>([:])

    var all: [Endpoint] { EndpointCatalog.files.flatMap(entries) }

    /// Ids and names of files begin with the same word.
    func entry(_ id: String) -> Endpoint? {
        let provider = id.prefix { $0 != "." }
        for file in EndpointCatalog.files where file.name.hasPrefix("\(provider)-") {
            if let found = entries(of: file).first(where: { $0.id == id }) { return found }
        }
        return nil
    }

    private func entries(of file: (name: String, bytes: [UInt8])) -> [Endpoint] {
        read.withLock { read in
            if let known = read[file.name] { return known }
            let result = CatalogReader().read(file.bytes, file: file.name)
            precondition(
                result.diagnostics.isEmpty,
                result.diagnostics.map(\.description).joined(separator: "\n"))
            read[file.name] = result.endpoints
            return result.endpoints
        }
    }
}
