import ExportModel

/// The rejects of one window: how many, why, and an example of each kind of fault.
struct RejectTally {
    /// A field and what is wrong with it.
    private struct Fault: Hashable {
        var reason: Reject.Reason
        var field: String?
    }

    /// Kinds of fault with names of their own; a provider may invent names without end.
    private static let maximumFaultCount = 50
    /// Kinds of fault that a message names.
    private static let maximumNamedCount = 5

    /// How many rejects each reason has.
    private(set) var reasons: [Reject.Reason: Int] = [:]
    private var faults: [Fault: (count: Int, example: [UInt8])] = [:]

    mutating func add(_ rejects: [Reject]) {
        for reject in rejects {
            reasons[reject.reason, default: 0] += 1
            let fault = Fault(reason: reject.reason, field: reject.field)
            if faults[fault] == nil, faults.count == Self.maximumFaultCount { continue }
            faults[fault, default: (0, reject.value)].count += 1
        }
    }

    /// Why the window must not be published; nil if it may be.
    ///
    /// - Parameters:
    ///   - rowCount: records that are no rejects.
    ///   - isWhole: whether all of the window has been seen. A share, and whether there is any row,
    ///     is judged only then.
    func failure(of limit: RejectLimit, rowCount: Int, isWhole: Bool) -> ExportError? {
        let count = faultyCount
        let recordCount = count + rowCount
        if case .share = limit, !isWhole { return nil }
        guard count > 0, let allowed = limit.allowed(ofRecords: recordCount) else { return nil }
        if isWhole, rowCount == 0 {
            return error(
                "every record of the window (\(count)) is a reject",
                "`max_rejects: none` publishes the window without them")
        }
        if count <= allowed { return nil }
        return error(
            "\(count) of \(recordCount) records do not fit the schema, "
                + "`max_rejects: \(limit)` allows \(allowed)",
            "raise `max_rejects` to publish the others")
    }

    /// Unknown request ids are no faulty records, so they do not count.
    private var faultyCount: Int {
        reasons.reduce(0) { $1.key == .unknownRequestID ? $0 : $0 + $1.value }
    }

    private func error(_ what: String, _ remedy: String) -> ExportError {
        ExportError(
            .tooManyRejects, code: .tooManyRejects,
            message: """
                \(what): \(listedFaults); `cdrx rejects` lists them; correct the endpoint's entry \
                if it is wrong, or \(remedy)
                """)
    }

    private var listedFaults: String {
        let known = faults.filter { $0.key.reason != .unknownRequestID }.sorted {
            ($1.value.count, $0.key.reason.rawValue, $0.key.field ?? "")
                < ($0.value.count, $1.key.reason.rawValue, $1.key.field ?? "")
        }
        let named = known.prefix(Self.maximumNamedCount).map { fault, found in
            let example = ValueExample.masked(found.example)
            let name = fault.field.map { "`\($0)` " } ?? ""
            return "\(name)\(fault.reason.rawValue) \(found.count) ×"
                + (example.isEmpty ? "" : ", such as \(example)")
        }
        let rest = known.count - named.count
        return named.joined(separator: "; ") + (rest > 0 ? "; \(rest) other faults" : "")
    }
}

/// A record's value as a message may show it: enough to see its form, too little to call a number
/// or to use a secret.
enum ValueExample {
    private static let maximumLength = 24
    private static let shownDigitCount = 4

    /// The first characters, digits after the fourth as `#`, control characters as spaces.
    static func masked(_ value: [UInt8]) -> String {
        let text = String(decoding: value, as: UTF8.self)
        var digitCount = 0
        var masked = ""
        for character in text.prefix(maximumLength) {
            if character.isNumber { digitCount += 1 }
            if character.isNumber, digitCount > shownDigitCount {
                masked.append("#")
            } else {
                masked.append(character.isNewline || character < " " ? " " : character)
            }
        }
        return masked + (text.count > maximumLength ? "…" : "")
    }
}
