import ExportModel

/// What streams and environment variables of a template are called.
struct TemplateNames {
    /// What variables of addresses end with.
    static let baseURL = "url"

    /// Of the endpoints, in their order; unique.
    let streams: [String]
    private let endpoints: [Endpoint]

    init(_ endpoints: [Endpoint]) {
        self.endpoints = endpoints
        let short = endpoints.map { Self.streamName($0.id) }
        let withProvider = zip(endpoints, short).map { "\($0.provider)_\($1)" }
        streams = endpoints.indices.map { index in
            // The first of these that no other endpoint has.
            for names in [short, withProvider]
            where names.count(where: { $0 == names[index] }) == 1 {
                return names[index]
            }
            return endpoints[index].id.replacing(".", with: "_")
        }
    }

    /// `TELECMI_TOKEN`; with the stream's name where another endpoint of the provider has another
    /// address, or takes a credential of this name.
    func variable(_ part: String, of endpoint: Endpoint, stream: String) -> String {
        let others = endpoints.filter { $0.provider == endpoint.provider && $0.id != endpoint.id }
        let isShared = others.contains { other in
            part == Self.baseURL
                ? other.defaultBaseURL != endpoint.defaultBaseURL
                : CredentialRules(other).names.contains(part)
        }
        let words = [endpoint.provider] + (isShared ? [stream, part] : [part])
        return Self.upperCased(words.joined(separator: "_"))
    }

    /// `telecmi.v1.agentOutMissed` → `agent_out_missed`, `telecmi.v2.user.out_missed` →
    /// `user_out_missed`: what follows provider and version.
    private static func streamName(_ id: String) -> String {
        var parts = id.split(separator: ".").map(String.init)
        if parts.count > 1 { parts.removeFirst() }
        if parts.count > 1, isVersion(parts[0]) { parts.removeFirst() }
        var name = ""
        for character in parts.joined(separator: "_") {
            if character.isUppercase, !name.isEmpty { name += "_" }
            name += character.lowercased()
        }
        return name
    }

    private static func isVersion(_ part: String) -> Bool {
        part.first == "v" && part.count > 1 && part.dropFirst().allSatisfy(\.isNumber)
    }

    private static func upperCased(_ text: String) -> String {
        String(text.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" })
    }
}
