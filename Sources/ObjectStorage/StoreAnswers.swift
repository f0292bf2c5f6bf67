import ExportModel

extension ETag {
    /// - Parameter header: with quotes, which not every store writes.
    init(header: String) {
        let isQuoted = header.count >= 2 && header.hasPrefix("\"") && header.hasSuffix("\"")
        self.init(isQuoted ? String(header.dropFirst().dropLast()) : header)
    }

    /// As headers have it (RFC 9110, section 8.8.3).
    var quoted: String { "\"\(text)\"" }
}

extension ObjectStatus {
    init(_ key: String, _ answer: StoreAnswer, byteCount: Int) {
        let modified = answer.headers["last-modified"].flatMap(HTTPDate.moment)
        self.init(
            key: key, byteCount: byteCount, etag: ETag(header: answer.headers["etag"] ?? ""),
            versionID: answer.headers["x-amz-version-id"],
            lastModified: modified?.epochMilliseconds ?? answer.storeTime ?? 0,
            storeDate: answer.storeTime, sha256: answer.headers["x-amz-meta-cdrx-sha256"])
    }
}

extension ObjectPage {
    /// Reads the answer of ListObjectsV2; nil where it is none.
    ///
    /// - Parameter prefix: taken off the keys.
    init?(_ answer: StoreAnswer, below prefix: String) {
        guard let root = XMLElement(answer.body), root.name == "ListBucketResult" else {
            return nil
        }
        let isEncoded = root.text("EncodingType") == "url"
        func key(_ text: String) -> String? {
            let whole = isEncoded ? PercentEncoding.decode(text) : text
            // Bytes are compared: characters of equal meaning are different keys.
            guard let whole, whole.utf8.starts(with: prefix.utf8) else { return nil }
            return String(whole.utf8.dropFirst(prefix.utf8.count))
        }
        self.init(objects: [])
        for element in root.children {
            if element.name == "CommonPrefixes" {
                guard let prefix = element.text("Prefix").flatMap(key) else { return nil }
                commonPrefixes.append(prefix)
            }
            guard element.name == "Contents" else { continue }
            guard let key = element.text("Key").flatMap(key),
                let byteCount = element.text("Size").flatMap({ Int($0) }),
                let etag = element.text("ETag"),
                let modified = element.text("LastModified").flatMap(StoreTime.epochMilliseconds)
            else { return nil }
            objects.append(
                ObjectStatus(
                    key: key, byteCount: byteCount, etag: ETag(header: etag),
                    lastModified: modified, storeDate: answer.storeTime))
        }
        next = root.text("NextContinuationToken")
        // Or the rest of the list would be lost.
        if root.text("IsTruncated") == "true", next == nil { return nil }
        if root.text("IsTruncated") == "false" { next = nil }
    }
}

/// Times in the bodies of answers.
enum StoreTime {
    /// Reads ISO 8601 in UTC with any fraction of a second, as in `2026-11-22T04:21:00.538Z`.
    static func epochMilliseconds(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        let seconds = bytes.prefix(19).withUnsafeBufferPointer(TimestampText.localSeconds)
        guard let seconds else { return nil }
        var rest = bytes.dropFirst(19)
        var fraction: [UInt8] = []
        if rest.first == UInt8(ascii: ".") {
            fraction = Array(rest.dropFirst().prefix { (0x30...0x39).contains($0) })
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard ["Z", "+00:00"].contains(String(decoding: rest, as: UTF8.self)) else { return nil }
        let digits = (fraction + [0x30, 0x30, 0x30]).prefix(3)
        return seconds * 1_000 + (Int64(String(decoding: digits, as: UTF8.self)) ?? 0)
    }
}
