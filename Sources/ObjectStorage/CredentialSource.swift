import ExportModel

/// Where credentials are to be had: the first place that is set up. Pure.
enum CredentialSource {
    case fixed(Credentials)
    /// Prints them in JSON.
    case command(String)
    /// A token that the security token service takes for them: IRSA.
    case webIdentity(tokenFile: String, role: String, sessionName: String)
    /// A URL that gives them in JSON: ECS, and pod identity in EKS.
    case container(url: String, authorization: Authorization?)
    /// The metadata service of the machine.
    case instance(endpoint: String)

    /// What a container's endpoint wants in `Authorization`.
    enum Authorization {
        case text(Secret)
        /// Read anew each time: the file is renewed.
        case file(String)
    }

    /// What an address in a container stands for where only a path is given.
    private static let containerHost = "http://169.254.170.2"
    private static let instanceHost = "http://169.254.169.254"
    /// Besides loopback; others need TLS.
    private static let plainHosts: Set = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]

    /// - Throws: ``ObjectStorageError/Code/credentials`` where a place is set up by half, or in a way
    ///   that cdrx does not know.
    /// - Returns: nil where no place is set up.
    static func first(
        _ environment: StoreEnvironment, _ profile: SharedProfile
    ) throws(ObjectStorageError) -> CredentialSource? {
        if let found = try ofEnvironment(environment) { return found }
        if let found = try ofProfile(profile) { return found }
        if let file = environment.variable("AWS_WEB_IDENTITY_TOKEN_FILE") {
            guard let role = environment.variable("AWS_ROLE_ARN") else {
                throw error("AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not")
            }
            let session = environment.variable("AWS_ROLE_SESSION_NAME")
            return .webIdentity(tokenFile: file, role: role, sessionName: session ?? "cdrx")
        }
        if let found = try ofContainer(environment) { return found }
        if environment.variable("AWS_EC2_METADATA_DISABLED")?.lowercased() == "true" { return nil }
        let endpoint = environment.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? instanceHost
        return .instance(endpoint: endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint)
    }

    private static func ofEnvironment(
        _ environment: StoreEnvironment
    ) throws(ObjectStorageError) -> CredentialSource? {
        let id = environment.variable("AWS_ACCESS_KEY_ID")
        let secret = environment.variable("AWS_SECRET_ACCESS_KEY")
        if id == nil, secret == nil { return nil }
        guard let id, let secret else {
            throw error(
                id == nil
                    ? "AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not"
                    : "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not")
        }
        return .fixed(
            Credentials(
                keyID: Secret(id), secretKey: Secret(secret),
                sessionToken: environment.variable("AWS_SESSION_TOKEN").map { Secret($0) },
                source: "AWS_ACCESS_KEY_ID"))
    }

    private static func ofProfile(
        _ profile: SharedProfile
    ) throws(ObjectStorageError) -> CredentialSource? {
        if let id = profile["aws_access_key_id"] {
            guard let secret = profile["aws_secret_access_key"] else {
                throw error("the profile \(profile.name) has no aws_secret_access_key")
            }
            return .fixed(
                Credentials(
                    keyID: Secret(id), secretKey: Secret(secret),
                    sessionToken: profile["aws_session_token"].map { Secret($0) },
                    source: "the profile \(profile.name)"))
        }
        if let command = profile["credential_process"] { return .command(command) }
        guard let role = profile["role_arn"] else {
            if profile["sso_session"] != nil || profile["sso_start_url"] != nil {
                throw unknown("signs in at IAM Identity Center", profile)
            }
            return nil
        }
        guard let file = profile["web_identity_token_file"] else {
            throw unknown("takes on a role by other credentials", profile)
        }
        return .webIdentity(
            tokenFile: file, role: role, sessionName: profile["role_session_name"] ?? "cdrx")
    }

    private static func ofContainer(
        _ environment: StoreEnvironment
    ) throws(ObjectStorageError) -> CredentialSource? {
        var url: String
        if let path = environment.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") {
            url = containerHost + path
        } else if let full = environment.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") {
            guard isTrusted(full) else {
                throw error(
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor the address of a "
                        + "container's own agent, so that nothing is sent there")
            }
            url = full
        } else {
            return nil
        }
        if let file = environment.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
            return .container(url: url, authorization: .file(file))
        }
        let text = environment.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")
        return .container(url: url, authorization: text.map { .text(Secret($0)) })
    }

    private static func isTrusted(_ url: String) -> Bool {
        let lower = url.lowercased()
        if lower.hasPrefix("https://") { return true }
        guard lower.hasPrefix("http://") else { return false }
        let authority = lower.dropFirst("http://".count).prefix { !"/?#".contains($0) }
        guard !authority.contains("@") else { return false }
        let host =
            authority.hasPrefix("[")
            ? authority.prefix { $0 != "]" } + "]" : authority.prefix { $0 != ":" }
        // Numbers and dots only: a name may begin like an address.
        let isLoopback =
            host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
            || host == "localhost" || host == "[::1]"
        return isLoopback || plainHosts.contains(String(host))
    }

    private static func unknown(
        _ what: String, _ profile: SharedProfile
    ) -> ObjectStorageError {
        error(
            """
            the profile \(profile.name) \(what), which cdrx leaves to AWS' own tool: give another \
            profile the line `credential_process = aws configure export-credentials --profile \
            \(profile.name) --format process`
            """)
    }

    private static func error(_ message: String) -> ObjectStorageError {
        ObjectStorageError(.credentials, message)
    }
}
