import ExportModel

/// What a cell of an exported row must hold, worked out by this test and not by cdrx.
enum Cell: Hashable {
    case null
    case text(String)
    /// As it must stand in every format.
    case number(String)
    case bool(Bool)
    case time(Int64)
    case json(String)
}

/// The endpoints that the simulated provider speaks.
enum SimulatedEndpoint: String, CaseIterable, Sendable {
    case userOutMissed = "telecmi.v2.user.out_missed"
    case outAnswered = "telecmi.v1.outanswered"
    case getBill = "commo.get_bill"
    case requestCDR = "piopiy.requestid_cdr"

    /// Times of the provider are whole multiples of this.
    var resolutionMilliseconds: Int64 { self == .getBill ? 1_000 : 1 }
    /// The column that a dirty record cannot fill.
    var dirtyColumn: String {
        switch self {
        case .userOutMissed, .requestCDR: "duration_seconds"
        case .outAnswered: "billed_seconds"
        case .getBill: "ring_seconds"
        }
    }
    var provider: String { String(rawValue.prefix { $0 != "." }) }
}

/// A record of the provider. What it says follows from its number and revision.
struct SimulatedRecord: Sendable {
    var endpoint: SimulatedEndpoint
    /// Different in each account of a stream.
    var number: Int
    var milliseconds: Int64
    /// Where it is asked for by id.
    var requestID: String?
    /// One field cannot be typed.
    var isDirty = false
    /// Counts changes of what it says.
    var revision = 0
    /// When it came, on the provider's own clock.
    var born = 0
    var died = Int.max

    func exists(at moment: Int) -> Bool { born <= moment && moment < died }

    var id: String {
        switch endpoint {
        case .getBill: String(1_000_000 + number)
        case .userOutMissed, .outAnswered: "call-\(number)"
        case .requestCDR: requestID ?? ""
        }
    }

    /// What rows at the same moment are sorted by.
    var sortKey: [String] {
        endpoint == .requestCDR ? [id, leg, toNumber, String(milliseconds)] : [id]
    }

    private var leg: String { number % 2 == 0 ? "a" : "b" }
    private var toNumber: String { "9198" + String(10_000_000 + number * 7) }
    private var fromNumber: String { "1267" + String(5_550_000 + number % 9_999) }
    private var seconds: Int { number * 13 % 600 + revision }
    /// Digits as the provider writes them, and as they must be written.
    private var rate: (raw: String, plain: String) {
        [("0.98", "0.98"), ("1.030", "1.03"), ("12", "12"), ("1e-3", "0.001"), ("0", "0")][
            number % 5]
    }
    private static let names = [
        "Adams", "O\"Hara", "Müller, Jürgen", "李", "", "a\\b", "unknown", "line\nbreak",
    ]
    private var name: String { Self.names[(number + revision) % Self.names.count] }

    // MARK: - As the provider says it

    var json: String {
        var members: [String] = []
        func add(_ name: String, _ value: String) { members.append("\"\(name)\":\(value)") }
        func text(_ name: String, _ value: String) { add(name, Self.quoted(value)) }
        let duration = isDirty ? "1.5" : String(seconds)
        switch endpoint {
        case .userOutMissed:
            text("cmiuid", id)
            add("duration", duration)
            text("to", toNumber)
            add("time", String(milliseconds))
            add("from", fromNumber)
            add("billedsec", String(seconds / 2))
            add("rate", rate.raw)
            text("name", name)
        case .outAnswered:
            text("_id", id)
            text("to", toNumber)
            add("time", String(milliseconds))
            text("from", "agent-\(number % 3)")
            add("billedsec", duration)
            add("rate", rate.raw)
            add("record", number % 2 == 0 ? "true" : "false")
            text("filename", number % 2 == 0 ? "\(number).wav" : "")
            text("name", name)
        case .getBill:
            add("id", id)
            text("extnumber", String(100 + number % 5))
            text("destnumber", toNumber)
            text("displaynumber", fromNumber)
            text("starttime", Self.localTime(milliseconds))
            text("answertime", isAnswered ? Self.localTime(milliseconds + 4_000) : "")
            text("endtime", Self.localTime(milliseconds + 9_000))
            add("duration", duration)
            add("billsec", String(seconds / 2))
            text("direction", number % 2 == 0 ? "callin" : "callout")
            add("callmethod", String(1 + number % 6))
            add("hangupcause", "16")
        case .requestCDR:
            add("duration", duration)
            add("balance", "1919.67")
            add("rate", rate.raw)
            add("from", fromNumber)
            add("to", toNumber)
            add("time", String(milliseconds))
            text("leg", leg)
            text("direction", "outbound")
            text("status", "answered")
        }
        if number % 4 == 3 { add("zone", "\"z\(number)\"") }
        return "{" + members.joined(separator: ",") + "}"
    }

    private var isAnswered: Bool { number % 3 > 0 }

    private static func localTime(_ milliseconds: Int64) -> String {
        var bytes: [UInt8] = []
        TimestampText.appendLocalDateTime(milliseconds / 1_000 + 28_800, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    // MARK: - As it must be exported

    /// By the unified column's name; columns that are not there are null.
    func cells(account: String) -> [String: Cell] {
        var cells: [String: Cell] = [
            "provider": .text(endpoint.provider), "endpoint": .text(endpoint.rawValue),
            "account": .text(account), "call_id": .text(id), "started_at": .time(milliseconds),
            "to_number": .text(toNumber),
        ]
        if number % 4 == 3 { cells["extra"] = .json("{\"zone\":\"z\(number)\"}") }
        switch endpoint {
        case .userOutMissed, .outAnswered:
            cells["direction"] = .text("outbound")
            cells["rate"] = .number(rate.plain)
            cells["contact_name"] = name == "unknown" ? .null : .text(name)
        case .getBill, .requestCDR: break
        }
        switch endpoint {
        case .userOutMissed:
            cells["status"] = .text("missed")
            cells["from_number"] = .text(fromNumber)
            cells["duration_seconds"] = .number(String(seconds))
            cells["billed_seconds"] = .number(String(seconds / 2))
        case .outAnswered:
            cells["status"] = .text("answered")
            cells["agent"] = .text("agent-\(number % 3)")
            cells["billed_seconds"] = .number(String(seconds))
            cells["recorded"] = .bool(number % 2 == 0)
            cells["recording"] = .text(number % 2 == 0 ? "\(number).wav" : "")
        case .getBill:
            cells["status"] = .text(isAnswered ? "answered" : "missed")
            cells["direction"] = .text(number % 2 == 0 ? "inbound" : "outbound")
            cells["agent"] = .text(String(100 + number % 5))
            cells["from_number"] = .text(fromNumber)
            cells["answered_at"] = isAnswered ? .time(milliseconds + 4_000) : .null
            cells["ended_at"] = .time(milliseconds + 9_000)
            cells["ring_seconds"] = .number(String(seconds))
            cells["billed_seconds"] = .number(String(seconds / 2))
            cells["call_method"] = .text(
                ["internal", "manual", "api", "api_double", "predictive", "ivr"][number % 6])
            cells["hangup_code"] = .number("16")
        case .requestCDR:
            cells["leg"] = .text(leg)
            cells["direction"] = .text("outbound")
            cells["status"] = .text("answered")
            cells["from_number"] = .text(fromNumber)
            cells["duration_seconds"] = .number(String(seconds))
            cells["rate"] = .number(rate.plain)
            cells["balance"] = .number("1919.67")
        }
        return cells
    }

    static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
