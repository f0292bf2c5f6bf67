import ExportModel

/// One stream of a template.
struct TemplateStream {
    let endpoint: Endpoint
    let name: String
    let names: TemplateNames

    /// What the environment must have.
    var variables: [TemplateVariable] {
        var variables: [TemplateVariable] = []
        if endpoint.defaultBaseURL == nil {
            variables.append(
                TemplateVariable(
                    name: baseURLVariable, summary: "address of your \(endpoint.provider) server"))
        }
        return variables
            + endpoint.request.credentials.map {
                TemplateVariable(name: variable($0), summary: $0.summary)
            }
    }

    /// The variable of the address; it need not be set where the endpoint has a default.
    var baseURLVariable: String {
        names.variable(TemplateNames.baseURL, of: endpoint, stream: name)
    }

    /// nil where the endpoint is asked by time.
    var requestList: String? {
        endpoint.request.requestID == nil ? nil : "\(name)/{window}.txt"
    }

    func append(to lines: inout TemplateLines) {
        lines.add("  # \(endpoint.title)")
        lines.add("  - stream: \(name)", "names the stream's directory")
        lines.add(
            "    endpoint: \(endpoint.id)", "`cdrx endpoints \(endpoint.id)` lists its fields")
        if let standard = endpoint.defaultBaseURL {
            lines.add("    base_url: ${\(baseURLVariable):-\(standard)}")
        } else {
            lines.add("    base_url: ${\(baseURLVariable)}", "every customer has another one")
        }
        if endpoint.request.window?.isLocal == true {
            lines.add(
                "    # source_timezone: \"\(endpoint.sourceZone.identifier)\"",
                "of the provider's times, which have no zone")
        }
        appendAccounts(to: &lines)
        if let requestList {
            lines.add(
                "    requests: {file: \"\(requestList)\"}",
                "asked by id: one id a line, in \(name)/2026-01-31.txt")
            lines.add("    windows: {refresh: 0}", "a day's list must be there before its run")
        }
        appendParameters(to: &lines)
        if let paging = endpoint.request.paging, paging.maximumSize > 1 {
            lines.add(
                "    # extract: {page_size: \(paging.defaultSize)}",
                "rows a page; at most \(paging.maximumSize)")
        }
    }

    private func appendAccounts(to lines: inout TemplateLines) {
        let request = endpoint.request
        lines.add("    accounts:", "for thousands of them: {file: accounts.csv}")
        lines.add("      - account: main", "a name of your own, in paths and reports")
        for credential in request.credentials {
            lines.add("        \(line(credential))", credential.summary)
        }
        guard let login = endpoint.login else { return }
        lines.add("      # Or log in: cdrx then gets tokens by itself, and new ones when they end.")
        lines.add("      # - account: main")
        for credential in login.request.credentials {
            lines.add("      #   \(line(credential))", credential.summary)
        }
    }

    private func appendParameters(to lines: inout TemplateLines) {
        let options = endpoint.request.optional
        if options.isEmpty { return }
        // Written out is what must not be chosen by accident; the rest are the entry's defaults.
        let hasDrain = options.contains { $0.drainValue != nil }
        lines.add(hasDrain ? "    params:" : "    # params:", "what the provider is asked for")
        for option in options {
            let shown = option.defaultValue ?? option.allowed.first
            let value = shown.map(Self.yaml) ?? (option.type == .int ? "0" : "\"\"")
            let mark = option.drainValue == nil ? "# " : ""
            lines.add("      \(mark)\(option.name): \(value)", Self.comment(option))
            guard let drain = option.drainValue else { continue }
            lines.add(
                "      # With \(drain.text), reading marks records at the provider (a drain), and")
            lines.add(
                "      # other programs get them no more. Choose it only where cdrx is the one reader."
            )
        }
    }

    private static func comment(_ option: OptionalParameter) -> String {
        let summary =
            option.summary.isEmpty && !option.allowed.isEmpty
            ? "one of " + option.allowed.map(\.text).joined(separator: ", ") : option.summary
        guard option.defaultValue == nil else { return summary }
        return summary.isEmpty ? "not sent by default" : summary + "; not sent by default"
    }

    private func line(_ credential: CredentialField) -> String {
        "\(credential.name): \"${\(variable(credential))}\""
    }

    private func variable(_ credential: CredentialField) -> String {
        names.variable(credential.name, of: endpoint, stream: name)
    }

    private static func yaml(_ value: ParameterValue) -> String {
        switch value {
        case .int, .bool: value.text
        case .text(let text):
            "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
        }
    }
}
