import ExportModel

/// The documented endpoints, written by hand: what the requests and answers of the documents need,
/// apart from the catalog's own entries.
enum Catalog {
    static let outAnswered = makeEndpoint(
        "telecmi.v1.outanswered",
        RequestShape(
            path: "/v1/outanswered", encoding: .json, fixed: [],
            credentials: [
                CredentialField(name: "appid", type: .int),
                CredentialField(name: "token", type: .text),
            ],
            window: WindowParameters(
                start: "start_date", end: "end_date", format: .epochMilliseconds),
            requestID: nil, optional: [], paging: paging("page", "limit", 1_000)),
        total: "total", fields: [Field(name: "_id", type: .text, isRequired: true), time])

    static let agentOutMissed = makeEndpoint(
        "telecmi.v1.agentOutMissed", tokenRequest("/v1/agentOutMissed", maximumSize: 1_000),
        total: "count", fields: [Field(name: "_id", type: .text, isRequired: true), time],
        login: telecmiLogin("/v1/agentLogin"))

    static let userOutMissed = makeEndpoint(
        "telecmi.v2.user.out_missed", tokenRequest("/v2/user/out_missed", maximumSize: 10),
        total: "count",
        fields: [Field(name: "cmiuid", type: .text, isRequired: true), time],
        login: telecmiLogin("/v2/user/login"))

    static let requestIDs: Endpoint = {
        var endpoint = makeEndpoint(
            "piopiy.requestid_cdr",
            RequestShape(
                path: "/v1/piopiy/requestid_cdr", encoding: .json, fixed: [],
                credentials: [
                    CredentialField(name: "appid", type: .int),
                    CredentialField(name: "secret", type: .text),
                ],
                window: nil, requestID: RequestIDParameter(name: "request_id", column: .callID),
                optional: [], paging: nil),
            total: "count",
            fields: [
                Field(name: "leg", type: .text), Field(name: "to", type: .digits), time,
            ])
        endpoint.key = ["leg", "to", "time"]
        endpoint.keyHasOrdinal = true
        endpoint.response.rules.failures = [
            rule("code", [404...404], ["authenticat", "secret"], .authentication),
            rule("code", [404...404], ["not found", "request_id"], .unknownID),
            rule("code", [404...404], [], .authentication),
            rule("code", [400...400], [], .badRequest),
            rule("code", [408...408, 429...429, 500...599], [], .retry),
        ]
        return endpoint
    }()

    static let getBill: Endpoint = {
        var endpoint = makeEndpoint(
            "commo.get_bill",
            RequestShape(
                path: "", encoding: .multipart,
                fixed: [NamedValue(name: "service", value: .text("App.Sip_Cdr.GetBill"))],
                credentials: [CredentialField(name: "token", type: .text)],
                window: WindowParameters(
                    start: "starttime", end: "endtime", format: .localDateTime),
                requestID: nil, optional: [],
                paging: paging("currentpage", "itemsperpage", 1_000)),
            total: "data.result.totalitems", fields: [])
        endpoint.fields = [
            Field(name: "id", type: .digits, isRequired: true, sentinels: [""]),
            Field(
                name: "starttime", type: .localDateTime, isRequired: true,
                sentinels: ["", "1970-01-01 08:00:00"]),
        ]
        endpoint.key = ["id"]
        endpoint.timeField = "starttime"
        endpoint.sourceZone = SourceZone(identifier: "+08:00", offsetSeconds: 8 * 3_600)
        endpoint.response = ResponseShape(
            rows: [JSONPath(dotted: "data.result.bills")],
            total: .path(JSONPath(dotted: "data.result.totalitems")), rules: commoRules)
        return endpoint
    }()

    // MARK: Rules

    static let telecmiRules = AnswerRules(
        success: [
            condition("code", ["200"]), condition("error", ["false"], mayBeAbsent: true),
        ],
        failures: [
            rule("code", [404...404], ["parameter"], .badRequest),
            rule("code", [401...401, 404...404, 407...407], [], .authentication),
            rule("code", [400...400], [], .badRequest),
            rule("code", [408...408, 429...429, 500...599], [], .retry),
        ],
        errorTexts: ["msg", "message", "error"].map(JSONPath.init(dotted:)))

    static let commoRules = AnswerRules(
        success: [condition("ret", ["200"]), condition("data.status", ["0"])],
        failures: [
            rule("ret", [400...400], [], .badRequest),
            rule("ret", [408...408, 429...429, 500...599], [], .retry),
            rule("ret", [600...600], [], .authentication),
            rule("ret", [601...604], [], .configuration),
            rule("data.errors.code", [1_001...1_002], [], .retry),
            rule("data.errors.code", [1_010...1_010], [], .authentication),
            AnswerRules.Rule(
                path: JSONPath(dotted: "data.status"), codes: [1...1], texts: [],
                emptyPath: JSONPath(dotted: "data.errors.code"), meaning: .retry),
        ],
        errorTexts: ["msg", "data.desc", "data.errors.codemsg"].map(JSONPath.init(dotted:)))

    static func rule(
        _ path: String, _ codes: [ClosedRange<Int64>], _ texts: [String], _ meaning: AnswerClass
    ) -> AnswerRules.Rule {
        AnswerRules.Rule(
            path: JSONPath(dotted: path), codes: codes, texts: texts, meaning: meaning)
    }

    private static func condition(
        _ path: String, _ accepted: [String], mayBeAbsent: Bool = false
    ) -> AnswerRules.Condition {
        AnswerRules.Condition(
            path: JSONPath(dotted: path), accepted: accepted, mayBeAbsent: mayBeAbsent)
    }

    // MARK: Parts

    private static let time = Field(name: "time", type: .epochMilliseconds, isRequired: true)

    private static func paging(_ page: String, _ size: String, _ maximum: Int) -> Paging {
        Paging(
            .page(parameter: page, first: 1), size: size, defaultSize: 10, maximumSize: maximum)
    }

    private static func tokenRequest(_ path: String, maximumSize: Int) -> RequestShape {
        RequestShape(
            path: path, encoding: .json, fixed: [],
            credentials: [CredentialField(name: "token", type: .text)],
            window: WindowParameters(start: "from", end: "to", format: .epochMilliseconds),
            requestID: nil, optional: [], paging: paging("page", "limit", maximumSize))
    }

    private static func telecmiLogin(_ path: String) -> Login {
        Login(
            request: RequestShape(
                path: path, encoding: .json, fixed: [],
                credentials: [
                    CredentialField(name: "id", type: .text),
                    CredentialField(name: "password", type: .text),
                ],
                window: nil, requestID: nil, optional: [], paging: nil),
            response: telecmiRules, tokenPath: JSONPath(["token"]), issues: "token")
    }

    private static func makeEndpoint(
        _ id: String, _ request: RequestShape, total: String, fields: [Field], login: Login? = nil
    ) -> Endpoint {
        Endpoint(
            id: id, title: id, document: "document-of-\(id)", provider: "test",
            defaultBaseURL: nil, request: request,
            response: ResponseShape(
                rows: [JSONPath(["cdr"])], total: .path(JSONPath(dotted: total)),
                rules: telecmiRules),
            key: fields.first.map { [$0.name] } ?? [], keyHasOrdinal: false, timeField: "time",
            sourceZone: SourceZone(identifier: "Z", offsetSeconds: 0), fields: fields,
            constants: [], login: login)
    }
}
