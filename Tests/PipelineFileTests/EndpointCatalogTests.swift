import ExportModel
import Foundation
import Testing

@testable import PipelineFile

@Suite struct EndpointCatalogTests {
    /// The endpoints that the simulator has written by hand, apart from the catalog: their entries,
    /// too, are compared with what their documents say. Golden rows show all others.
    private static func byHand() throws -> [Endpoint] {
        let catalog = EndpointCatalog.bundled
        return try documented.map { try #require(catalog.endpoint($0.id)) }
    }

    /// id, and its fields as `name type → column`, in the order of the document's table.
    static let documented: [(id: String, fields: [String])] = [
        (
            "telecmi.v1.outanswered",
            [
                "_id text → call_id", "to digits → to_number", "time epoch_ms → started_at",
                "from text → agent", "agent text", "billedsec int → billed_seconds",
                "rate decimal(18,6) → rate", "record bool → recorded",
                "filename text → recording", "name text → contact_name",
            ]
        ),
        (
            "telecmi.v1.agentOutMissed",
            [
                "_id text → call_id", "to digits → to_number", "time epoch_ms → started_at",
                "from text → agent", "billedsec int → billed_seconds",
                "rate decimal(18,6) → rate", "name text → contact_name",
            ]
        ),
        (
            "telecmi.v2.user.out_missed",
            [
                "cmiuid text → call_id", "duration int → duration_seconds", "notes json → notes",
                "to digits → to_number", "time epoch_ms → started_at",
                "from digits → from_number", "billedsec int → billed_seconds",
                "rate decimal(18,6) → rate", "name text → contact_name",
            ]
        ),
        (
            "piopiy.requestid_cdr",
            [
                "duration int → duration_seconds", "balance decimal(18,6) → balance",
                "rate decimal(18,6) → rate", "from digits → from_number",
                "to digits → to_number", "time epoch_ms → started_at", "leg text → leg",
                "direction text → direction", "status text → status",
            ]
        ),
        (
            "commo.get_bill",
            [
                "id digits → call_id", "extnumber digits → agent",
                "destnumber digits → to_number", "displaynumber digits → from_number",
                "starttime local_datetime → started_at",
                "answertime local_datetime → answered_at", "endtime local_datetime → ended_at",
                "duration int → ring_seconds", "billsec int → billed_seconds",
                "direction text → direction", "callmethod int → call_method", "userid text",
                "memberid text", "chengshudu text", "customuuid text",
                "recordfilename text → recording", "downloadip text",
                "hangupdirection int → hangup_by", "hangupcause int → hangup_code",
                "userkey text",
            ]
        ),
    ]

    @Test func fieldsAreThoseOfTheDocuments() throws {
        for (endpoint, documented) in zip(try Self.byHand(), Self.documented) {
            let fields = endpoint.fields.map { field in
                "\(field.name) \(Self.name(field.type))"
                    + (field.column.map { " → \($0.rawValue)" } ?? "")
            }
            #expect(fields == documented.fields, "\(endpoint.id)")
        }
    }

    @Test func everyFieldIsExplained() throws {
        for endpoint in EndpointCatalog.bundled.endpoints {
            #expect(endpoint.fields.allSatisfy { !$0.summary.isEmpty }, "\(endpoint.id)")
        }
    }

    /// An entry names its document with the date on which it was read, or says what it lacks.
    @Test func entriesNameTheirSources() throws {
        for endpoint in EndpointCatalog.bundled.endpoints
        where !Self.documented.contains(where: { $0.id == endpoint.id }) {
            let document = endpoint.document
            #expect(document.contains(/20\d\d-\d\d-\d\d/), "\(endpoint.id)")
            let isFound = document.hasPrefix("https://") && !document.contains("not found")
            #expect(isFound || !endpoint.inferred.isEmpty, "\(endpoint.id)")
        }
    }

    @Test func requestsAreThoseOfTheDocuments() throws {
        /// id, URL, encoding, credentials, window or id parameters, page and size parameters.
        let expected: [[String]] = [
            [
                "telecmi.v1.outanswered", "https://piopiy.telecmi.com/v1/outanswered", "json",
                "appid int, token text", "start_date…end_date epoch_ms", "page, limit 10 of 1000",
            ],
            [
                "telecmi.v1.agentOutMissed", "https://piopiy.telecmi.com/v1/agentOutMissed",
                "json", "token text", "from…to epoch_ms", "page, limit 10 of 1000",
            ],
            [
                "telecmi.v2.user.out_missed", "https://rest.telecmi.com/v2/user/out_missed",
                "json", "token text", "from…to epoch_ms", "page, limit 10 of 10",
            ],
            [
                "piopiy.requestid_cdr", "https://piopiy.telecmi.com/v1/piopiy/requestid_cdr",
                "json", "appid int, secret text", "request_id → call_id", "",
            ],
            [
                "commo.get_bill", "-", "multipart", "token text",
                "starttime…endtime local_datetime", "currentpage, itemsperpage 1000 of 1000",
            ],
        ]
        let found = try Self.byHand().map { endpoint in
            let request = endpoint.request
            let window = request.window.map {
                "\($0.parameterNames.joined(separator: "…")) \($0.format.name)"
            }
            let requestID = request.requestID.map { "\($0.name) → \($0.column?.rawValue ?? "")" }
            return [
                endpoint.id, (endpoint.defaultBaseURL ?? "-") + request.path,
                request.encoding.rawValue,
                request.credentials.map { "\($0.name) \($0.type)" }.joined(separator: ", "),
                window ?? requestID ?? "",
                request.paging.map {
                    $0.parameters.joined(separator: ", ")
                        + " \($0.defaultSize) of \($0.maximumSize)"
                } ?? "",
            ]
        }
        #expect(found == expected)
    }

    @Test func answersAreReadAsDocumented() throws {
        let found = try Self.byHand().map { endpoint in
            "\(endpoint.id): \(endpoint.response.rows[0]), \(endpoint.response.total); "
                + "key \(endpoint.key.joined(separator: "+"))"
                + "\(endpoint.keyHasOrdinal ? "+n" : ""); "
                + "time \(endpoint.timeField)"
        }
        #expect(
            found == [
                "telecmi.v1.outanswered: cdr, total; key _id; time time",
                "telecmi.v1.agentOutMissed: cdr, count; key _id; time time",
                "telecmi.v2.user.out_missed: cdr, count; key cmiuid; time time",
                "piopiy.requestid_cdr: cdr, count; key leg+to+time+n; time time",
                "commo.get_bill: data.result.bills, data.result.totalitems; key id; time starttime",
            ])
    }

    @Test func commoHidesNoRecordsUnlessToldTo() throws {
        let endpoint = try #require(EndpointCatalog.bundled.endpoint("commo.get_bill"))
        let sent = endpoint.request.optional.filter { $0.defaultValue != nil }
        #expect(
            sent.map { "\($0.name)=\($0.defaultValue?.text ?? "")" } == [
                "syncflag=3", "direction=3", "callmethod=0", "extnumber=", "destnumber=",
                "userid=", "memberid=",
            ])
        #expect(endpoint.request.optional.first?.drainValue == .int(1))
        #expect(endpoint.sourceZone.identifier == "+08:00")
        let time = try #require(endpoint.fields.first { $0.name == "answertime" })
        #expect(time.sentinels == ["", "1970-01-01 08:00:00"])
        #expect(endpoint.fields.allSatisfy { $0.sentinels.contains("") })
        #expect(
            endpoint.constants == [
                ConstantColumn(
                    column: .status,
                    value: .presence(field: "answertime", present: "answered", absent: "missed"))
            ])
    }

    @Test(arguments: [
        ("commo.get_bill", "ret", 400, "", "bad_request"),
        ("commo.get_bill", "ret", 500, "", "retry"),
        ("commo.get_bill", "ret", 600, "", "authentication"),
        ("commo.get_bill", "ret", 604, "", "configuration"),
        ("commo.get_bill", "data.errors.code", 1_002, "", "retry"),
        ("commo.get_bill", "data.errors.code", 1_003, "", "unknown"),
        ("commo.get_bill", "data.errors.code", 1_010, "", "authentication"),
        ("telecmi.v1.outanswered", "code", 404, "invalid app id or secret", "authentication"),
        ("telecmi.v2.user.out_missed", "code", 404, "parameter missing", "bad_request"),
        ("telecmi.v2.user.out_missed", "code", 400, "", "bad_request"),
        ("telecmi.v2.user.out_missed", "code", 407, "", "authentication"),
        ("telecmi.v2.user.out_missed", "code", 502, "internal server error", "retry"),
        ("telecmi.v2.user.out_missed", "code", 302, "", "unknown"),
        ("piopiy.requestid_cdr", "code", 404, "authentication failed", "authentication"),
        ("piopiy.requestid_cdr", "code", 404, "invalid request_id", "unknown_id"),
        ("piopiy.requestid_cdr", "code", 404, "", "authentication"),
        ("piopiy.requestid_cdr", "code", 429, "", "retry"),
    ])
    func errorCodesMeanWhatTheDocumentsSay(
        id: String, path: String, code: Int64, text: String, meaning: String
    ) throws {
        let endpoint = try #require(EndpointCatalog.bundled.endpoint(id))
        let rule = endpoint.response.rules.failures.first { rule in
            rule.path?.description == path && rule.codes.contains { $0.contains(code) }
                && (rule.texts.isEmpty || rule.texts.contains { text.contains($0) })
        }
        #expect(rule?.meaning.rawValue ?? "unknown" == meaning)
    }

    @Test func loginsIssueTheToken() throws {
        let logins = try Self.byHand().compactMap { endpoint in
            endpoint.login.map { login in
                "\(endpoint.id): \(login.request.path) \(login.request.encoding.rawValue) "
                    + login.request.credentials.map(\.name).joined(separator: "+")
                    + " \(login.tokenPath) → \(login.issues)"
            }
        }
        #expect(
            logins == [
                "telecmi.v1.agentOutMissed: /v1/agentLogin json id+password token → token",
                "telecmi.v2.user.out_missed: /v2/user/login json id+password token → token",
                "commo.get_bill:  form appid+accesskey data.result.token → token",
            ])
    }

    @Test func listInCodeIsTheFolder() throws {
        let files = try Repository.files(in: "Sources/PipelineFile/Endpoints", extension: "yaml")
        #expect(
            Set(EndpointCatalog.files.map(\.name)) == Set(files.map(\.lastPathComponent)))
        for file in files {
            let embedded = EndpointCatalog.files.first { $0.name == file.lastPathComponent }
            #expect(try embedded?.bytes == [UInt8](Data(contentsOf: file)), "\(file)")
        }
    }

    /// An id leads to the files of its provider, and only those are read.
    @Test func everyIDLeadsToItsFile() {
        let ids = EndpointCatalog.bundled.endpoints.map(\.id)
        #expect(Set(ids).count == ids.count)
        for id in ids { #expect(EndpointCatalog.bundled.endpoint(id)?.id == id) }
        #expect(EndpointCatalog.bundled.endpoint("telecmi.v3.answered") == nil)
    }

    @Test func everyEntryHasItsDocumentedSample() throws {
        for endpoint in EndpointCatalog.bundled.endpoints {
            let file = Repository.root.appendingPathComponent(
                "samples/\(endpoint.id)/response.json")
            let sample = try String(contentsOf: file, encoding: .utf8)
            for name in endpoint.key + [endpoint.timeField] {
                let field = try #require(endpoint.fields.first { $0.name == name })
                let keys = field.sources.compactMap(\.keys.last)
                #expect(
                    keys.contains { sample.contains("\"\($0)\"") }, "\(endpoint.id): \(name)")
            }
        }
    }

    private static func name(_ type: FieldType) -> String {
        switch type {
        case .text: "text"
        case .digits: "digits"
        case .int: "int"
        case .decimal(let precision, let scale): "decimal(\(precision),\(scale))"
        case .bool: "bool"
        case .time(let format): format.name
        case .duration(let format): "duration(\(format.rawValue))"
        case .json: "json"
        }
    }
}
