public import ExportModel
import Planning

extension Pipeline {
    /// Refuses names that the pipeline does not have, with the nearest that it has: a command that
    /// does nothing must not look like one that found nothing wrong.
    ///
    /// - Throws: `unknown_stream`, `unknown_account`.
    public func requireKnown(
        streams asked: Set<String>?, accounts: Set<String>?
    ) throws(ExportError) {
        try Self.requireKnown(asked, .unknownStream, among: streams.map(\.name))
        // Streams share accounts' names.
        var seen: Set<String> = []
        let known = streams.flatMap { $0.accounts.map(\.name) }.filter { seen.insert($0).inserted }
        try Self.requireKnown(accounts, .unknownAccount, among: known)
    }

    private static func requireKnown(
        _ names: Set<String>?, _ code: PlanningError.Code, among known: [String]
    ) throws(ExportError) {
        guard let name = names?.subtracting(known).min() else { return }
        throw ExportError(
            .configuration, code: code.rawValue,
            message: "the pipeline has no \(code.noun) '\(name)'"
                + NearestName.remedy(for: name, among: known))
    }
}
