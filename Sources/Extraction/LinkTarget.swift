/// Links to the next page, resolved against the request that they answer (RFC 3986, section 5).
enum LinkTarget {
    /// The link's URL; nil where it leads to another scheme, host or port than the request, or is
    /// no link at all.
    ///
    /// - Parameters:
    ///   - link: absolute, or relative to the request: `?page=2`, `/calls?page=2`, `calls?page=2`.
    ///   - url: an absolute URL with scheme and host.
    static func resolve(_ link: String, against url: String) -> String? {
        let isPlain = link.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard isPlain, !link.contains("\\"), let base = Parts(url) else { return nil }
        let target = withoutFragment(link)
        if target.hasPrefix("//") {
            return checked(base.scheme + ":" + target, base)
        }
        if hasScheme(target) { return checked(target, base) }
        if target.hasPrefix("?") { return base.origin + base.path + target }
        if target.hasPrefix("/") { return base.origin + normalized(target) }
        let folder = base.path.lastIndex(of: "/").map { base.path[...$0] } ?? "/"
        return base.origin + normalized(folder + target)
    }

    private static func checked(_ url: String, _ base: Parts) -> String? {
        guard let parts = Parts(url), parts.identity == base.identity else { return nil }
        return base.origin + normalized(parts.path + parts.query)
    }

    private static func withoutFragment(_ link: String) -> String {
        String(link.prefix { $0 != "#" })
    }

    private static func hasScheme(_ link: String) -> Bool {
        guard let colon = link.firstIndex(of: ":") else { return false }
        let scheme = link[..<colon]
        return scheme.first?.isLetter == true
            && scheme.allSatisfy { $0.isLetter || $0.isNumber || "+-.".contains($0) }
    }

    /// The path and query without `.` and `..` segments (RFC 3986, section 5.2.4).
    private static func normalized(_ text: some StringProtocol) -> String {
        let path = text.prefix { $0 != "?" }
        let query = text[path.endIndex...]
        var kept: [Substring] = []
        let segments = String(path).split(separator: "/", omittingEmptySubsequences: false)
            .dropFirst()
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".": if isLast { kept.append("") }
            case "..":
                _ = kept.popLast()
                if isLast { kept.append("") }
            default: kept.append(segment)
            }
        }
        return "/" + kept.joined(separator: "/") + query
    }

    /// An absolute URL in its parts.
    private struct Parts {
        let scheme: String
        /// Scheme, host and port as they are written.
        let origin: String
        /// Starts with a slash.
        let path: String
        /// With its question mark; empty without one.
        let query: String
        /// Equal for the same scheme, host and port, however they are written.
        let identity: String

        init?(_ url: String) {
            guard let separator = url.firstRange(of: "://") else { return nil }
            scheme = url[..<separator.lowerBound].lowercased()
            let standard: String
            switch scheme {
            case "http": standard = "80"
            case "https": standard = "443"
            default: return nil
            }
            let rest = url[separator.upperBound...]
            let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
            guard !authority.isEmpty, !authority.contains("@") else { return nil }
            let tail = rest[authority.endIndex...].prefix { $0 != "#" }
            let ownPath = tail.prefix { $0 != "?" }
            path = ownPath.isEmpty ? "/" : String(ownPath)
            query = String(tail[ownPath.endIndex...])
            origin = String(url[..<authority.endIndex])
            let colon = authority.lastIndex(of: ":")
            let closing = authority.lastIndex(of: "]")
            let hasPort = colon.map { colon in closing.map { $0 < colon } ?? true } ?? false
            let host = hasPort ? authority[..<(colon ?? authority.endIndex)] : authority
            let port = hasPort ? authority[host.endIndex...].dropFirst() : ""
            identity = "\(scheme)://\(host.lowercased()):\(port.isEmpty ? standard[...] : port)"
        }
    }
}

/// The `Link` header of a response (RFC 8288, section 3).
enum LinkHeader {
    /// Where the link of a relation leads; nil where there is none.
    ///
    /// - Parameter header: values of several headers are joined by commas.
    static func target(_ header: String, relation: String) -> String? {
        for link in links(header) {
            guard link.first == "<", let end = link.firstIndex(of: ">") else { continue }
            let target = link[link.index(after: link.startIndex)..<end]
            for parameter in split(link[link.index(after: end)...], at: ";") {
                let parts = parameter.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, trimmed(parts[0]).lowercased() == "rel" else { continue }
                let value = trimmed(parts[1]).filter { $0 != "\"" }
                let relations = value.lowercased().split(separator: " ")
                if relations.contains(Substring(relation.lowercased())) { return String(target) }
            }
        }
        return nil
    }

    private static func links(_ header: String) -> [Substring] {
        split(header[...], at: ",").map { trimmed($0) }
    }

    /// At the separators outside of `<…>` and quoted texts.
    private static func split(_ text: Substring, at separator: Character) -> [Substring] {
        var parts: [Substring] = []
        var start = text.startIndex
        var (isInTarget, isQuoted) = (false, false)
        for index in text.indices {
            switch text[index] {
            case "<" where !isQuoted: isInTarget = true
            case ">" where !isQuoted: isInTarget = false
            case "\"" where !isInTarget: isQuoted.toggle()
            case separator where !isInTarget && !isQuoted:
                parts.append(text[start..<index])
                start = text.index(after: index)
            default: break
            }
        }
        return parts + [text[start...]]
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0 == " " || $0 == "\t" }
        let end = start.lastIndex { $0 != " " && $0 != "\t" }
        return end.map { start[...$0] } ?? ""
    }
}
