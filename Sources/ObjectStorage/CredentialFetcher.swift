import ExportModel
import Foundation

/// Gets credentials from where they are to be had. Keeps nothing.
struct CredentialFetcher: Sendable {
    private static let attempts = 3
    private static let pauseMilliseconds: Int64 = 500
    private static let timeoutMilliseconds: Int64 = 10_000
    /// For agents on the same machine.
    private static let nearTimeoutMilliseconds: Int64 = 1_000

    let environment: StoreEnvironment
    /// To the security token service.
    private let transport: StoreTransport
    /// To agents on the same machine, which no proxy reaches.
    private let near: StoreTransport
    private let region: String

    init(_ environment: StoreEnvironment, _ transport: StoreTransport, region: String) {
        self.environment = environment
        self.transport = transport
        self.region = region
        near = StoreTransport(environment, usesProxy: false)
    }

    /// Reads files again, and asks again.
    func fetch() throws(ObjectStorageError) -> Credentials {
        let profile = try SharedProfile(environment)
        switch try CredentialSource.first(environment, profile) {
        case .fixed(let credentials): return credentials
        case .command(let command): return try run(command, profile)
        case .webIdentity(let file, let role, let session):
            return try exchange(file, role, session, profile)
        case .container(let url, let authorization): return try askContainer(url, authorization)
        case .instance(let endpoint): return try askInstance(endpoint, profile)
        case nil: throw none(profile, "the metadata service is switched off")
        }
    }

    private func run(
        _ command: String, _ profile: SharedProfile
    ) throws(ObjectStorageError) -> Credentials {
        let source = "credential_process of the profile \(profile.name)"
        switch environment.runCommand(command) {
        case .printed(let bytes): return try credentials(bytes, of: source)
        case .failed(let how): throw error("the \(source) \(how)")
        }
    }

    /// AssumeRoleWithWebIdentity, which is not signed.
    private func exchange(
        _ file: String, _ role: String, _ session: String, _ profile: SharedProfile
    ) throws(ObjectStorageError) -> Credentials {
        let token = try SmallFile.text(file, environment, namedBy: "AWS_WEB_IDENTITY_TOKEN_FILE")
        let endpoint =
            environment.variable("AWS_ENDPOINT_URL_STS") ?? profile.endpoint(of: "sts")
            ?? "https://sts.\(region).amazonaws.com" + (region.hasPrefix("cn-") ? ".cn" : "")
        let form = RequestSigner.queryText([
            ("Action", "AssumeRoleWithWebIdentity"), ("Version", "2011-06-15"), ("RoleArn", role),
            ("RoleSessionName", session), ("WebIdentityToken", token),
        ])
        let source = "web identity, role \(role)"
        let answer = try send(
            StoreCall(
                method: "POST", url: endpoint.hasSuffix("/") ? endpoint : endpoint + "/",
                body: .bytes(Array(form.utf8)), timeoutMilliseconds: Self.timeoutMilliseconds),
            transport, source)
        let found = XMLElement(answer.body)?["AssumeRoleWithWebIdentityResult"]?["Credentials"]
        guard let found, let id = found.text("AccessKeyId"),
            let secret = found.text("SecretAccessKey"), let token = found.text("SessionToken"),
            let end = found.text("Expiration").flatMap(StoreTime.epochMilliseconds)
        else { throw error("\(source): the answer of \(endpoint) has no credentials") }
        return Credentials(
            keyID: Secret(id), secretKey: Secret(secret), sessionToken: Secret(token), endsAt: end,
            source: source)
    }

    private func askContainer(
        _ url: String, _ authorization: CredentialSource.Authorization?
    ) throws(ObjectStorageError) -> Credentials {
        var call = StoreCall(
            method: "GET", url: url, timeoutMilliseconds: Self.timeoutMilliseconds,
            connectTimeoutMilliseconds: Self.nearTimeoutMilliseconds)
        switch authorization {
        case .text(let text): call.headers.append(("authorization", text.revealed()))
        case .file(let path):
            let name = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
            call.headers.append(
                ("authorization", try SmallFile.text(path, environment, namedBy: name)))
        case nil: break
        }
        let source = "the container's endpoint"
        return try credentials(try send(call, near, source).body, of: source)
    }

    /// The metadata service of EC2, version 2: a token, the role's name, its credentials.
    private func askInstance(
        _ endpoint: String, _ profile: SharedProfile
    ) throws(ObjectStorageError) -> Credentials {
        func call(_ method: String, _ path: String) -> StoreCall {
            StoreCall(
                method: method, url: endpoint + path,
                timeoutMilliseconds: Self.timeoutMilliseconds,
                connectTimeoutMilliseconds: Self.nearTimeoutMilliseconds)
        }
        var first = call("PUT", "/latest/api/token")
        first.headers = [("x-aws-ec2-metadata-token-ttl-seconds", "21600")]
        let token: String
        do throws(StoreFault) {
            token = String(decoding: try near.send(first).body, as: UTF8.self)
        } catch {
            throw none(profile, "no metadata service answers at \(endpoint) (\(error.text))")
        }
        let path = "/latest/meta-data/iam/security-credentials/"
        let source = "the instance's role"
        var next = call("GET", path)
        next.headers = [("x-aws-ec2-metadata-token", token)]
        let names = String(decoding: try send(next, near, source).body, as: UTF8.self)
        guard let role = names.split(whereSeparator: \.isNewline).first else {
            throw none(profile, "the instance has no role")
        }
        next.url = endpoint + path + PercentEncoding.encode(String(role))
        return try credentials(try send(next, near, source).body, of: source)
    }

    private func send(
        _ call: StoreCall, _ transport: StoreTransport, _ source: String
    ) throws(ObjectStorageError) -> StoreAnswer {
        var failed = 0
        while true {
            let problem: String
            do throws(StoreFault) {
                let answer = try transport.send(call)
                if answer.isSuccess { return answer }
                problem = "\(StoreRefusal(answer))"
                let mayPass = answer.status >= 500 || [408, 425, 429].contains(answer.status)
                if !mayPass { failed = Self.attempts }
            } catch {
                if error.kind == .stopped { throw ObjectStorageError(.stopped, "the run stops") }
                problem = error.text
                if error.kind != .noConnection, error.kind != .cut { failed = Self.attempts }
            }
            failed += 1
            guard failed < Self.attempts else {
                throw error("\(source) at \(Self.host(of: call.url)): \(problem)")
            }
            if !environment.sleep(Self.pauseMilliseconds, environment.stop) {
                throw ObjectStorageError(.stopped, "the run stops")
            }
        }
    }

    /// The path may be a secret: whoever knows that of a container's task gets its credentials.
    private static func host(of url: String) -> Substring {
        url.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).first ?? ""
    }

    /// What commands, containers and instances give; the names differ in one.
    private struct Document: Decodable {
        enum CodingKeys: String, CodingKey {
            case keyID = "AccessKeyId"
            case secretKey = "SecretAccessKey"
            case sessionToken = "SessionToken"
            case token = "Token"
            case end = "Expiration"
        }

        var keyID: String
        var secretKey: String
        var sessionToken: String?
        var token: String?
        var end: String?
    }

    private func credentials(
        _ bytes: [UInt8], of source: String
    ) throws(ObjectStorageError) -> Credentials {
        // The decoder's own error could quote the document.
        guard let found = try? JSONDecoder().decode(Document.self, from: Data(bytes)) else {
            throw error("\(source): what it gives is no JSON with AccessKeyId and SecretAccessKey")
        }
        let end = found.end.flatMap(StoreTime.epochMilliseconds)
        if found.end != nil, end == nil {
            throw error("\(source): its Expiration is no time of ISO 8601 in UTC")
        }
        return Credentials(
            keyID: Secret(found.keyID), secretKey: Secret(found.secretKey),
            sessionToken: (found.sessionToken ?? found.token).map { Secret($0) }, endsAt: end,
            source: source)
    }

    private func none(_ profile: SharedProfile, _ last: String) -> ObjectStorageError {
        error(
            """
            no credentials for the store: AWS_ACCESS_KEY_ID is not set, the profile \
            \(profile.name) has none in \(profile.paths.joined(separator: " and ")), there is no web \
            identity and no container's endpoint, and \(last)
            """)
    }

    private func error(_ message: String) -> ObjectStorageError {
        ObjectStorageError(.credentials, message)
    }
}
