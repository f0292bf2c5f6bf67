import ExportModel

/// Where a bucket is asked: scheme, host and the path before a key.
struct StoreAddress: Hashable, Sendable {
    /// `https`
    var scheme: String
    /// In lower case, with the port unless it is the scheme's.
    var host: String
    /// Before the key, encoded; begins with a slash and ends without one, or is empty.
    var path: String

    /// - Parameters:
    ///   - location: its endpoint and region count where they are set.
    ///   - endpoint: where the location has none; nil: AWS' own of the region.
    init(_ location: ObjectStoreLocation, endpoint: String?, region: String) {
        let bucket = PercentEncoding.encode(location.bucket)
        guard let endpoint = location.endpoint ?? endpoint else {
            let suffix = region.hasPrefix("cn-") ? ".cn" : ""
            let host = "s3.\(region).amazonaws.com\(suffix)"
            // The certificate of AWS covers one label before its own name.
            let isInPath = location.pathStyle || location.bucket.contains(".")
            self.init(
                scheme: "https", host: isInPath ? host : "\(bucket).\(host)",
                path: isInPath ? "/\(bucket)" : "")
            return
        }
        let parts = endpoint.split(separator: "://", maxSplits: 1)
        let scheme = parts.count == 2 ? parts[0].lowercased() : "https"
        let rest = (parts.last ?? "").split(separator: "/", omittingEmptySubsequences: true)
        let authority = (rest.first ?? "").lowercased()
        let standard = scheme == "http" ? ":80" : ":443"
        let host =
            authority.hasSuffix(standard) ? String(authority.dropLast(standard.count)) : authority
        let path = rest.dropFirst().map { "/" + $0 }.joined()
        // Who names an endpoint in a file of AWS' tools has no place to choose the style.
        let isInPath = location.pathStyle || location.endpoint == nil
        self.init(
            scheme: scheme, host: isInPath ? host : "\(bucket).\(host)",
            path: isInPath ? "\(path)/\(bucket)" : path)
    }

    private init(scheme: String, host: String, path: String) {
        self.scheme = scheme
        self.host = host
        self.path = path
    }

    /// - Parameter key: as a whole, with the location's prefix; nil: the bucket.
    func path(of key: String?) -> String {
        guard let key else { return path.isEmpty ? "/" : path }
        return path + "/" + PercentEncoding.encode(key, keepsSlashes: true)
    }

    /// - Parameter query: encoded.
    func url(path: String, query: String) -> String {
        "\(scheme)://\(host)\(path)" + (query.isEmpty ? "" : "?" + query)
    }
}
