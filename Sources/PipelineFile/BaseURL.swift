/// Reads scheme, host, port and prefix. Messages never repeat the value: it may hold a password.
enum BaseURL {
    /// Whose URL it is.
    enum Owner {
        case provider, objectStore

        /// What goes there.
        fileprivate var freight: String {
            self == .provider ? "credentials travel" : "records travel"
        }
        fileprivate var example: String {
            self == .provider ? "https://rest.telecmi.com" : "https://s3.example.com:9000"
        }
        fileprivate var placeOfCredentials: String {
            self == .provider
                ? "credentials belong under `accounts`"
                : "credentials come from the environment or the files of AWS' tools"
        }
    }

    /// The URL of a provider without trailing slashes; warns of `http` to another machine.
    static func read(_ item: YAMLValue) -> String? {
        item.text("a URL").flatMap { read($0, of: .provider, item) }
    }

    /// - Parameter item: what mistakes are reported for.
    static func read(_ text: String, of owner: Owner, _ item: YAMLValue) -> String? {
        let name = item.name
        guard
            let scheme = ["https://", "http://"].first(where: { text.lowercased().hasPrefix($0) })
        else {
            item.fail("\(name) must start with `https://` (or `http://`), then the host")
            return nil
        }
        let rest = text.dropFirst(scheme.utf8.count)
        if let mistake = mistake(in: rest, owner) {
            item.fail("\(name) \(mistake)")
            return nil
        }
        let authority = rest.prefix { $0 != "/" }
        if scheme == "http://", !isLoopback(split(authority).host) {
            item.warn("\(name) is plain `http`, so \(owner.freight) unencrypted; use `https`")
        }
        var url = scheme + rest
        while url.hasSuffix("/") { url.removeLast() }
        return url
    }

    private static func mistake(in rest: Substring, _ owner: Owner) -> String? {
        if rest.contains("?") || rest.contains("#") {
            return "must have no query and no fragment"
                + (owner == .provider ? "; parameters belong under `params`" : "")
        }
        if rest.contains(where: { $0 == " " || $0 == "\\" || !$0.isASCII }) {
            return "must have neither spaces nor other characters that URLs do not allow"
        }
        let authority = rest.prefix { $0 != "/" }
        if authority.contains("@") {
            return "must have no user name and password; \(owner.placeOfCredentials)"
        }
        let (host, port) = split(authority)
        let isName = host.utf8.allSatisfy {
            NameRule.isWordByte($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
        let isIPv6 =
            host.hasPrefix("[") && host.hasSuffix("]")
            && host.dropFirst().dropLast().allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
        guard !host.isEmpty, isName || isIPv6 else {
            return "must name a host after `://`, as in `\(owner.example)`"
        }
        if let port, UInt16(port) == nil || port == "0" {
            return "has a port that is no number from 1 to 65535"
        }
        return nil
    }

    private static func split(_ authority: Substring) -> (host: Substring, port: Substring?) {
        let end = authority.lastIndex(of: "]") ?? authority.startIndex
        guard let colon = authority[end...].lastIndex(of: ":") else { return (authority, nil) }
        return (authority[..<colon], authority[authority.index(after: colon)...])
    }

    private static func isLoopback(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isIPv4 = parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
        return host.lowercased() == "localhost" || host == "[::1]" || isIPv4 && parts[0] == "127"
    }
}
