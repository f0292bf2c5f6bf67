import CCurl

/// The C library that this target calls.
public enum TransportLibraries {
    /// Name and version of what is loaded, and of the TLS library that it uses.
    public static var versions: [(name: String, version: String)] {
        guard let facts = curl_version_info(CURLVERSION_FIRST)?.pointee else { return [] }
        let own = facts.version.map { ("libcurl", String(cString: $0)) }
        let tls = facts.ssl_version.map { text in
            let parts = String(cString: text).split(separator: "/", maxSplits: 1)
            return (String(parts.first ?? "TLS"), String(parts.last ?? "unknown"))
        }
        return [own, tls].compactMap { $0 }
    }
}
