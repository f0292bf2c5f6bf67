public import ExportModel

/// The endpoints that cdrx knows, as data. Ids are unique.
public struct EndpointCatalog: Sendable {
    /// In the order of ``files``, then of the file.
    public private(set) var endpoints: [Endpoint]
    /// Entries are missing because their files have mistakes, which are among the findings.
    var isIncomplete = false

    /// A catalog of one's own, for tests and tools.
    ///
    /// - Precondition: ids are unique.
    public init(endpoints: [Endpoint]) {
        precondition(Set(endpoints.map(\.id)).count == endpoints.count, "ids must be unique")
        self.endpoints = endpoints
    }

    /// The entries embedded in the program. Throws `catalog_invalid` where one has a mistake.
    public static func bundled() throws(PipelineFileError) -> EndpointCatalog {
        var endpoints: [Endpoint] = []
        let findings = Findings()
        for (name, bytes) in files {
            let context = ReadingContext(file: name, environment: nil, findings: findings)
            for entry in CatalogReader.endpoints(bytes, context: context) {
                if endpoints.contains(where: { $0.id == entry.value.id }) {
                    findings.add(.error, entry.location, "`\(entry.value.id)` is given twice")
                } else {
                    endpoints.append(entry.value)
                }
            }
        }
        guard !findings.hasErrors else { throw PipelineFileError(catalog: findings.diagnostics) }
        return EndpointCatalog(endpoints: endpoints)
    }

    /// nil if no entry has the id.
    public func endpoint(_ id: String) -> Endpoint? {
        endpoints.first { $0.id == id }
    }

    /// Adds an entry; false if its id is taken.
    mutating func add(_ endpoint: Endpoint) -> Bool {
        guard self.endpoint(endpoint.id) == nil else { return false }
        endpoints.append(endpoint)
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
