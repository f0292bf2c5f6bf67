public import ExportModel

/// How warehouses reach an output in an object store.
extension Dialect {
    /// What the paths of its files begin with, as the warehouse writes them.
    ///
    /// - Throws: ``WarehouseError/Code/storeNotReadable``, with another way.
    public func location(of store: ObjectStoreLocation) throws(WarehouseError) -> String {
        switch self {
        case .duckdb: return store.uri
        case .spark: return "s3a" + store.uri.dropFirst(2)
        case .clickhouse: return store.httpURL
        case .redshift:
            guard store.isAmazon else {
                throw refusal("Redshift reads Amazon S3 only", of: store, "s3://bucket/prefix")
            }
            return store.uri
        case .bigquery:
            guard store.host == "storage.googleapis.com" else {
                throw refusal("BigQuery loads from Cloud Storage", of: store, "gs://bucket/prefix")
            }
            return "gs" + store.uri.dropFirst(2)
        case .snowflake:
            throw refusal(
                "Snowflake reads a store through a stage (CREATE STAGE cdrx URL = '\(store.uri)' "
                    + "STORAGE_INTEGRATION = …)", of: store, "@cdrx", isCopied: false)
        case .postgres:
            throw refusal("psql reads files, no object stores", of: store, "DIR")
        }
    }

    private func refusal(
        _ reason: String, of store: ObjectStoreLocation, _ location: String, isCopied: Bool = true
    ) -> WarehouseError {
        WarehouseError(
            .storeNotReadable,
            reason + "; "
                + (isCopied ? "copy \(store.uri) to where it can read, and say " : "then say ")
                + "where that is with --location \(location)")
    }

    /// What the warehouse's client must run before it reads from a store. Credentials are its own: no
    /// statement holds any.
    public func settings(reading store: ObjectStoreLocation) -> [String] {
        guard self == .duckdb else { return [] }
        var options = [
            "TYPE s3", "PROVIDER credential_chain", "SCOPE " + SQLText.literal(store.uri),
        ]
        if let region = store.region { options.append("REGION '\(region)'") }
        if let host = store.host {
            options.append("ENDPOINT '\(host)'")
            options.append("USE_SSL \(store.endpoint?.lowercased().hasPrefix("http:") != true)")
        }
        if store.pathStyle { options.append("URL_STYLE 'path'") }
        return ["CREATE OR REPLACE TEMPORARY SECRET cdrx_load \(SQLText.row(options));"]
    }
}

extension ObjectStoreLocation {
    /// Host and port of the endpoint; nil for AWS' own.
    fileprivate var host: String? {
        guard let endpoint, let mark = endpoint.firstRange(of: "://") else { return nil }
        return String(endpoint[mark.upperBound...])
    }

    fileprivate var isAmazon: Bool {
        host.map { ($0.split(separator: ":").first ?? "").contains(".amazonaws.com") } ?? true
    }

    /// The URL of the prefix, encoded.
    fileprivate var httpURL: String {
        let scheme = endpoint?.lowercased().hasPrefix("http:") == true ? "http" : "https"
        let suffix = region?.hasPrefix("cn-") == true ? ".cn" : ""
        let host = host ?? "s3" + (region.map { ".\($0)" } ?? "") + ".amazonaws.com\(suffix)"
        let base = pathStyle ? "\(scheme)://\(host)/\(bucket)" : "\(scheme)://\(bucket).\(host)"
        return prefix.isEmpty ? base : base + "/" + Self.encoded(prefix)
    }

    /// RFC 3986: everything but unreserved characters and slashes.
    private static func encoded(_ path: String) -> String {
        let digits = Array("0123456789ABCDEF")
        var text = ""
        for byte in path.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"):
                text.unicodeScalars.append(UnicodeScalar(byte))
            default: text += "%" + String(digits[Int(byte >> 4)]) + String(digits[Int(byte & 15)])
            }
        }
        return text
    }
}
