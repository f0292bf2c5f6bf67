import ExportModel

extension Derivation {
    /// What the column holds, for comments in warehouses.
    var summary: String {
        switch self {
        case .localDate(let zone): "Day on which the call began, in \(zone.identifier)"
        case .isAnswered: "Whether the call was answered"
        case .talkSeconds: "Billed length of an answered call, 0 of a missed one, in seconds"
        case .e164(.international):
            "The number with its country code (E.164), from one that begins with it"
        case .e164(.national(let plan)):
            "The number with its country code (E.164); one without is of \(plan.region)"
        }
    }
}

extension UnifiedColumn {
    /// What the column holds, for comments in warehouses.
    var summary: String {
        switch self {
        case .provider: "Provider the record came from"
        case .endpoint: "Catalog id of the endpoint"
        case .account: "Account it was read with, by its name in the pipeline"
        case .callID: "The provider's id of the call"
        case .leg: "Leg of the call: a or b"
        case .direction: "inbound or outbound"
        case .status: "answered or missed"
        case .startedAt: "When the call began, UTC"
        case .answeredAt: "When the call was answered, UTC"
        case .endedAt: "When the call ended, UTC"
        case .fromNumber: "Number of the calling party"
        case .toNumber: "Number of the called party"
        case .agent: "Agent or extension"
        case .contactName: "Name of the contact"
        case .durationSeconds: "Length of the call in seconds"
        case .ringSeconds: "Time until it was answered, in seconds"
        case .billedSeconds: "Billed length in seconds"
        case .rate: "Cost of the call (not a price per minute), exactly as the provider states it"
        case .balance: "Balance of the account after the call, exactly as the provider states it"
        case .recorded: "Whether there is a recording"
        case .recording: "Name or address of the recording"
        case .hangupBy: "Who ended the call: caller or callee"
        case .hangupCode: "The provider's code for the end of the call"
        case .callMethod:
            "How the call was made: internal, manual, api, api_double, predictive, ivr, or the "
                + "provider's number for another way"
        case .notes: "Notes: a list of message, created_at, agent"
        case .extra: "JSON object of all fields without a column of their own"
        }
    }
}
