import ExportModel
import Foundation
import TestServer
import Testing

@testable import ObjectStorage

/// Where credentials are looked for, in which order, and what each place gives.
@Suite(.timeLimit(.minutes(10))) struct CredentialSourceTests {
    private static let document = """
        {"Version": 1, "AccessKeyId": "ID", "SecretAccessKey": "SECRET", "Token": "TOKEN",
         "SessionToken": "TOKEN", "Expiration": "2026-11-22T05:00:00Z"}
        """

    // MARK: The order

    @Test func theEnvironmentComesFirst() throws {
        let files = try Files(
            credentials: "[default]\naws_access_key_id = F\naws_secret_access_key = S")
        var variables = files.variables
        variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/nonexistent"
        variables["AWS_ROLE_ARN"] = "arn"
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://127.0.0.1:1/"
        #expect(try fetch(variables).keyID.revealed() == "F")
        variables.merge(testKeys) { $1 }
        #expect(try fetch(variables).keyID.revealed() == "ID")
        variables["AWS_SESSION_TOKEN"] = "T"
        #expect(try fetch(variables).sessionToken?.revealed() == "T")
    }

    @Test(arguments: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    func halfOfAPairIsAMistake(name: String) {
        let error = failure([name: "x"])
        #expect(error?.reason == .credentials)
        #expect(error?.message.contains("\(name) is set") == true)
    }

    @Test func nothingAnywhereListsThePlaces() {
        let error = failure([:])
        for word in [
            "AWS_ACCESS_KEY_ID", "/nonexistent", "profile default", "web identity", "metadata",
        ] {
            #expect(error?.message.contains(word) == true, "\(word)")
        }
    }

    // MARK: Files

    @Test func aProfileIsReadFromBothFiles() throws {
        let files = try Files(
            credentials: """
                # nobody
                [nightly]
                aws_access_key_id=ID
                aws_secret_access_key = S=1
                aws_session_token = T
                """,
            configuration: """
                [default]
                region = us-west-1
                [profile nightly]
                region = eu-west-3
                services = own
                [services own]
                s3 =
                  endpoint_url = http://store:9000
                  other = 1
                sts =
                  endpoint_url = http://sts:9000
                """)
        let environment = testEnvironment(
            files.variables.merging(["AWS_PROFILE": "nightly"]) { $1 })
        let profile = try SharedProfile(environment)
        #expect(profile.region == "eu-west-3")
        #expect(profile.endpoint == "http://store:9000")
        #expect(profile.endpoint(of: "sts") == "http://sts:9000")
        let found = try fetch(environment.variables)
        #expect(found.secretKey.revealed() == "S=1")
        #expect(found.sessionToken?.revealed() == "T")
        #expect(try SharedProfile(testEnvironment(files.variables)).region == "us-west-1")
        var ignoring = environment.variables
        ignoring["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true"
        #expect(try SharedProfile(testEnvironment(ignoring)).endpoint == nil)
    }

    @Test func anUnknownProfileIsNamed() throws {
        let files = try Files(credentials: "[one]\naws_access_key_id = a")
        let error = failure(files.variables.merging(["AWS_PROFILE": "two"]) { $1 })
        #expect(error?.message.contains("AWS_PROFILE names the profile two") == true)
        let half = failure(files.variables.merging(["AWS_PROFILE": "one"]) { $1 })
        #expect(half?.message.contains("has no aws_secret_access_key") == true)
    }

    @Test(arguments: ["sso_session = x", "role_arn = r\nsource_profile = y"])
    func whatAWSOwnToolDoesIsLeftToIt(lines: String) throws {
        let files = try Files(configuration: "[profile p]\n\(lines)")
        let error = failure(files.variables.merging(["AWS_PROFILE": "p"]) { $1 })
        #expect(error?.message.contains("aws configure export-credentials --profile p") == true)
    }

    @Test func aCommandPrintsCredentials() throws {
        let files = try Files(configuration: "[default]\ncredential_process = /bin/give it")
        let found = try fetch(files.variables) { command in
            command == "/bin/give it" ? .printed(Array(Self.document.utf8)) : .failed("is another")
        }
        #expect(found.endsAt == testMoment + 3_600_000)
        #expect(found.sessionToken?.revealed() == "TOKEN")
        let failed = failure(files.variables) { _ in .failed("ended with exit code 1") }
        #expect(
            failed?.message
                == "the credential_process of the profile default ended with exit code 1")
        for text in ["SECRET", "{\"AccessKeyId\": \"SECRET\"}"] {
            let error = failure(files.variables) { _ in .printed(Array(text.utf8)) }
            #expect(error?.reason == .credentials)
            #expect(error?.message.contains("SECRET") == false)
        }
    }

    // MARK: Over HTTP

    @Test func aWebIdentityIsExchanged() throws {
        let files = try Files(credentials: "", token: "a.b+c\n")
        let server = try RawServer { connection in
            while connection.request() != nil {
                connection.answer(
                    """
                    <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
                    <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ID</AccessKeyId>
                    <SecretAccessKey>SECRET</SecretAccessKey><SessionToken>TOKEN</SessionToken>
                    <Expiration>2026-11-22T05:00:00Z</Expiration></Credentials>
                    </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>
                    """)
            }
        }
        let variables = files.variables.merging([
            "AWS_WEB_IDENTITY_TOKEN_FILE": files.tokenPath, "AWS_ROLE_ARN": "arn:aws:iam::1:role/r",
            "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:\(server.port)",
        ]) { $1 }
        let found = try fetch(variables)
        #expect(found.keyID.revealed() == "ID")
        #expect(found.endsAt == testMoment + 3_600_000)
        let request = try #require(server.requests.first)
        #expect(request.line == "POST / HTTP/1.1")
        #expect(request.headers["content-type"] == "application/x-www-form-urlencoded")
        #expect(
            String(decoding: request.body, as: UTF8.self)
                == "Action=AssumeRoleWithWebIdentity&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"
                + "&RoleSessionName=cdrx&Version=2011-06-15&WebIdentityToken=a.b%2Bc")
    }

    @Test func aRefusedWebIdentityIsToldWithoutTheToken() throws {
        let files = try Files(credentials: "", token: "TOKEN")
        let server = try RawServer { connection in
            while connection.request() != nil {
                connection.answer(
                    "<ErrorResponse><Error><Code>AccessDenied</Code><Message>Not you</Message></Error>"
                        + "</ErrorResponse>", status: "403 Forbidden")
            }
        }
        let error = failure(
            files.variables.merging([
                "AWS_WEB_IDENTITY_TOKEN_FILE": files.tokenPath, "AWS_ROLE_ARN": "arn",
                "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:\(server.port)",
            ]) { $1 })
        #expect(
            error?.message == "web identity, role arn at 127.0.0.1:\(server.port): "
                + "HTTP status 403 AccessDenied (Not you)")
        #expect(server.requests.count == 1)
    }

    @Test func aContainerGivesThemForItsToken() throws {
        let files = try Files(credentials: "", token: "TOKEN-OF-POD")
        let server = try scripted(Reply("503 Soon"), Reply("200 OK", "", Self.document))
        let variables = files.variables.merging([
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:\(server.port)/v1/credentials",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": files.tokenPath,
        ]) { $1 }
        #expect(try fetch(variables).secretKey.revealed() == "SECRET")
        #expect(
            server.requests.map(\.line)
                == Array(repeating: "GET /v1/credentials HTTP/1.1", count: 2))
        #expect(server.requests.last?.headers["authorization"] == "TOKEN-OF-POD")
    }

    /// ECS names a task's credentials by a path that nobody else knows.
    @Test func thePathOfAContainerIsNotPrinted() throws {
        let server = try scripted(Reply("404 No"))
        let error = failure([
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:\(server.port)/v2/ID-OF-TASK"
        ])
        #expect(
            error?.message
                == "the container's endpoint at 127.0.0.1:\(server.port): HTTP status 404")
    }

    @Test(arguments: [
        "http://example.com/", "http://127.0.0.1.example.com/", "http://127.0.0.1@example.com/",
        "ftp://127.0.0.1/", "http://169.254.170.20/",
    ]) func aTokenIsSentToNoStranger(url: String) {
        let error = failure(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url])
        #expect(error?.message.contains("nothing is sent there") == true)
    }

    @Test(arguments: [
        "https://example.com/", "http://localhost:80/", "http://[::1]:80/x",
        "http://169.254.170.23/v1",
        "http://[fd00:ec2::23]/v1", "http://127.0.0.2/",
    ]) func agentsOfContainersAreTrusted(url: String) throws {
        let environment = testEnvironment(["AWS_CONTAINER_CREDENTIALS_FULL_URI": url])
        let source = try CredentialSource.first(environment, SharedProfile(environment))
        guard case .container(let found, nil) = source else {
            Issue.record("another source")
            return
        }
        #expect(found == url)
    }

    @Test func aPathAloneIsAskedOfTheAgentOfTasks() throws {
        let environment = testEnvironment([
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/1"
        ])
        let source = try CredentialSource.first(environment, SharedProfile(environment))
        guard case .container("http://169.254.170.2/v2/credentials/1", nil) = source else {
            Issue.record("another source")
            return
        }
    }

    @Test func anInstanceGivesThoseOfItsRole() throws {
        let server = try RawServer { connection in
            while let request = connection.request() {
                switch request.line {
                case "PUT /latest/api/token HTTP/1.1": connection.answer("TOKEN")
                case "GET /latest/meta-data/iam/security-credentials/ HTTP/1.1":
                    connection.answer("role-1\n")
                case "GET /latest/meta-data/iam/security-credentials/role-1 HTTP/1.1":
                    connection.answer(Self.document)
                default: connection.answer("", status: "404 Not Found")
                }
            }
        }
        let found = try fetch([
            "AWS_EC2_METADATA_DISABLED": "false",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:\(server.port)/",
        ])
        #expect(found.source == "the instance's role")
        #expect(found.sessionToken?.revealed() == "TOKEN")
        #expect(server.requests.first?.headers["x-aws-ec2-metadata-token-ttl-seconds"] == "21600")
        #expect(
            server.requests.dropFirst().allSatisfy {
                $0.headers["x-aws-ec2-metadata-token"] == "TOKEN"
            })
        let error = failure([
            "AWS_EC2_METADATA_DISABLED": "false",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1",
        ])
        #expect(error?.message.contains("no metadata service answers") == true)
    }

    // MARK: Keeping

    @Test func theyAreRenewedBeforeTheyEnd() throws {
        let notes = Notes()
        let server = try scripted(
            Reply("200 OK", "", Self.document),
            Reply(
                "200 OK", "",
                Self.document.replacing("\"ID\"", with: "\"NEW\"").replacing("T05", with: "T06")),
            Reply("500 Oops"))
        let keeper = CredentialKeeper(fetcher(Self.container(server), notes))
        #expect(try keeper.current().keyID.revealed() == "ID")
        notes.now += 54 * 60_000
        #expect(try keeper.current().keyID.revealed() == "ID")
        #expect(server.requests.count == 1)
        notes.now += 2 * 60_000
        #expect(try keeper.current().keyID.revealed() == "NEW")
        #expect(server.requests.count == 2)
        // The source fails: the old ones serve as long as they may.
        notes.now += 59 * 60_000
        #expect(try keeper.current().keyID.revealed() == "NEW")
        let asked = server.requests.count
        #expect(asked > 2)
        #expect(try keeper.current().keyID.revealed() == "NEW")
        #expect(server.requests.count == asked)
        notes.now += 10 * 60_000
        #expect(throws: ObjectStorageError.self) { try keeper.current() }
    }

    @Test func thoseThatTheStoreFindsEndedAreRenewedOnce() throws {
        let source = try scripted(
            Reply("200 OK", "", Self.document),
            Reply("200 OK", "", Self.document.replacing("\"ID\"", with: "\"NEW\"")))
        let server = try scripted(.error("400 Bad", "ExpiredToken"), .stored)
        let client = try S3Client(
            testLocation(server), environment: testEnvironment(Self.container(source)))
        _ = try client.put(.bytes([]), at: "a", if: .none)
        let used = server.requests.compactMap { $0.headers["authorization"] }
        #expect(used.map { $0.contains("Credential=NEW/") } == [false, true])
        #expect(server.requests.allSatisfy { $0.headers["x-amz-security-token"] == "TOKEN" })
        // Those of the environment are what they are.
        let ended = try scripted(.error("400 Bad", "ExpiredToken"))
        let other = try S3Client(testLocation(ended), environment: testEnvironment())
        let error = #expect(throws: ObjectStorageError.self) { try other.head("a") }
        #expect(error?.reason == .accessDenied)
        #expect(ended.requests.count == 1)
    }

    // MARK: Helpers

    private static func container(_ server: RawServer) -> [String: String] {
        ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:\(server.port)/"]
    }

    private func fetcher(
        _ variables: [String: String], _ notes: Notes = Notes(),
        _ runCommand: @escaping @Sendable (String) -> StoreCommandEnding = { _ in .failed("") }
    ) -> CredentialFetcher {
        let environment = testEnvironment(variables, notes, runCommand: runCommand)
        return CredentialFetcher(
            environment, StoreTransport(environment, usesProxy: true), region: "us-east-1")
    }

    private func fetch(
        _ variables: [String: String],
        _ runCommand: @escaping @Sendable (String) -> StoreCommandEnding = { _ in .failed("") }
    ) throws -> Credentials {
        try fetcher(variables, Notes(), runCommand).fetch()
    }

    private func failure(
        _ variables: [String: String],
        _ runCommand: @escaping @Sendable (String) -> StoreCommandEnding = { _ in .failed("") }
    ) -> ObjectStorageError? {
        #expect(throws: ObjectStorageError.self) { try fetch(variables, runCommand) }
    }

    /// Shared files in a directory of their own, which goes with them.
    private final class Files {
        private let directory: URL
        var tokenPath: String { directory.path + "/token" }
        var variables: [String: String] {
            [
                "AWS_SHARED_CREDENTIALS_FILE": directory.path + "/credentials",
                "AWS_CONFIG_FILE": directory.path + "/config",
            ]
        }

        init(credentials: String = "", configuration: String = "", token: String = "") throws {
            directory = FileManager.default.temporaryDirectory.appending(path: "\(UUID())")
            try FileManager.default.createDirectory(
                at: directory, withIntermediateDirectories: true)
            for (name, text) in [
                ("credentials", credentials), ("config", configuration), ("..token", token),
            ] {
                try Data(text.utf8).write(to: directory.appending(path: name))
            }
            // As Kubernetes mounts it.
            try FileManager.default.createSymbolicLink(
                atPath: tokenPath, withDestinationPath: "..token")
        }

        deinit {
            try? FileManager.default.removeItem(at: directory)
        }
    }
}
