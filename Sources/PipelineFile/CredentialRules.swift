import ExportModel

/// Which credentials an account must give: all of its endpoint's, or all that the login takes.
struct CredentialRules {
    let endpoint: [CredentialField]
    /// Empty if the endpoint has no login.
    let login: [CredentialField]
    private let shapes: [RequestShape]

    init(_ endpoint: Endpoint) {
        self.endpoint = endpoint.request.credentials
        login = endpoint.login?.request.credentials ?? []
        shapes = [endpoint.request] + [endpoint.login?.request].compactMap { $0 }
    }

    /// Every name that an account may give.
    var names: [String] {
        let own = endpoint.map(\.name)
        return own + login.map(\.name).filter { !own.contains($0) }
    }

    func type(of name: String) -> ParameterType {
        (endpoint + login).first { $0.name == name }?.type ?? .text
    }

    /// Whether it is nothing to warn of that a credential stands in a file: numbers are ids of apps,
    /// and what is part of an address, or the user of HTTP Basic authentication, names an account.
    func mayBeSeen(_ name: String) -> Bool {
        type(of: name) == .int
            || shapes.contains { shape in
                if case .basic(name, _) = shape.auth { return true }
                return PathTemplate(shape.path)?.names.contains(name) ?? false
            }
    }

    /// Why a set of credentials is not one of the two; nil if it is.
    func mistake(in given: [String]) -> String? {
        let missing = endpoint.filter { !given.contains($0.name) }
        let missingForLogin = login.filter { !given.contains($0.name) }
        let isComplete = missing.isEmpty
        let isLoginComplete = !login.isEmpty && missingForLogin.isEmpty
        // A name that both sets have counts for both.
        let extra = given.filter { name in !endpoint.contains { $0.name == name } }
        if isComplete && extra.isEmpty { return nil }
        if isLoginComplete && given.allSatisfy({ name in login.contains { $0.name == name } }) {
            return nil
        }
        if isComplete || isLoginComplete {
            return "has credentials for two ways in; give \(choices)"
        }
        let nearer =
            !login.isEmpty && missingForLogin.count < login.count ? missingForLogin : missing
        return "lacks \(Self.listed(nearer)); give \(choices)"
    }

    /// `appid` and `token`, or (for a login) `id` and `password`.
    private var choices: String {
        let own = Self.listed(endpoint)
        return login.isEmpty ? own : "either \(own), or \(Self.listed(login)) to log in with"
    }

    private static func listed(_ fields: [CredentialField]) -> String {
        let names = fields.map { "`\($0.name)`" }
        guard let last = names.last, names.count > 1 else { return names.first ?? "nothing" }
        return names.dropLast().joined(separator: ", ") + " and " + last
    }

    /// Why a value cannot be sent as a credential; nil if it can. Never repeats the value.
    func mistake(in value: String, of name: String) -> String? {
        if let mistake = Self.mistake(in: value, type: type(of: name)) { return mistake }
        for shape in shapes {
            if PathTemplate(shape.path)?.names.contains(name) ?? false,
                let mistake = PathTemplate.mistake(in: value)
            {
                return mistake
            }
            if case .basic(name, _) = shape.auth, value.contains(":") {
                return "must have no `:`, since it is the user of HTTP Basic authentication"
            }
        }
        return nil
    }

    private static func mistake(in value: String, type: ParameterType) -> String? {
        if value.isEmpty { return "must not be empty" }
        if value.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) {
            return "must not contain line breaks or control characters"
        }
        if type == .int, Int64(value).map({ String($0) }) != value {
            return "must be a whole number without leading zeros"
        }
        return nil
    }
}
