import ExportModel

/// What a block says of its payload, readable without the payload.
struct BlockIndex {
    /// A version that the block holds something of.
    struct Mention: Hashable {
        var id: String
        var account: String
        var fingerprint: String
    }

    enum Entry: Hashable {
        /// The next `byteCount` bytes of the payload are the version's slice `ordinal`, from 0.
        case slice(ordinal: Int, byteCount: Int)
        /// The version has `sliceCount` slices and is complete.
        case end(ArchivedEnd, sliceCount: Int)
        /// The version counts no more.
        case drop
    }

    private(set) var mentions: [Mention] = []
    /// In the order of their appends; `version` is an index into ``mentions``.
    private(set) var entries: [(version: Int, entry: Entry)] = []
    private var places: [String: Int] = [:]

    mutating func append(_ entry: Entry, of mention: Mention) {
        let place = places[mention.id] ?? mentions.count
        if place == mentions.count {
            mentions.append(mention)
            places[mention.id] = place
        }
        entries.append((place, entry))
    }

    /// Bytes of the payload that the entries name.
    var payloadByteCount: Int? {
        var sum = 0
        for case (_, .slice(_, let byteCount)) in entries {
            let (next, isTooLarge) = sum.addingReportingOverflow(byteCount)
            if isTooLarge { return nil }
            sum = next
        }
        return sum
    }
}

extension BlockIndex {
    var bytes: [UInt8] {
        var encoder = ArchiveEncoder()
        encoder.append(mentions.count)
        for mention in mentions {
            encoder.append(mention.id)
            encoder.append(mention.account)
            encoder.append(mention.fingerprint)
        }
        encoder.append(entries.count)
        for (version, entry) in entries {
            encoder.append(version)
            switch entry {
            case .slice(let ordinal, let byteCount):
                encoder.append(0)
                encoder.append(ordinal)
                encoder.append(byteCount)
            case .end(let end, let sliceCount):
                encoder.append(1)
                encoder.append(sliceCount)
                end.append(to: &encoder)
            case .drop: encoder.append(2)
            }
        }
        return encoder.bytes
    }

    /// - Returns: nil if the bytes are malformed.
    init?(_ bytes: [UInt8]) {
        var decoder = ArchiveDecoder(bytes[...])
        guard let mentionCount = decoder.count() else { return nil }
        for place in 0..<mentionCount {
            guard let id = decoder.text(), let account = decoder.text(),
                let fingerprint = decoder.text(), places[id] == nil
            else { return nil }
            mentions.append(Mention(id: id, account: account, fingerprint: fingerprint))
            places[id] = place
        }
        guard let entryCount = decoder.count() else { return nil }
        for _ in 0..<entryCount {
            guard let version = decoder.count(), version < mentionCount,
                let entry = Entry(&decoder)
            else { return nil }
            entries.append((version, entry))
        }
        guard decoder.isAtEnd else { return nil }
    }
}

extension BlockIndex.Entry {
    fileprivate init?(_ decoder: inout ArchiveDecoder) {
        switch decoder.count() {
        case 0:
            guard let ordinal = decoder.count(), let byteCount = decoder.count() else { return nil }
            self = .slice(ordinal: ordinal, byteCount: byteCount)
        case 1:
            guard let sliceCount = decoder.count(), let end = ArchivedEnd(&decoder) else {
                return nil
            }
            self = .end(end, sliceCount: sliceCount)
        case 2: self = .drop
        default: return nil
        }
    }
}

extension ArchivedEnd {
    fileprivate func append(to encoder: inout ArchiveEncoder) {
        encoder.append(requestCount)
        encoder.append(signed: extractedAt.epochMilliseconds)
        encoder.append(requestListSHA256)
        encoder.append(isRefused)
        encoder.append(mismatch != nil)
        if let mismatch {
            encoder.append(mismatch.kind.rawValue)
            encoder.append(mismatch.code)
            encoder.append(mismatch.message)
        }
    }

    fileprivate init?(_ decoder: inout ArchiveDecoder) {
        guard let requestCount = decoder.count(), let extractedAt = decoder.signed(),
            let requestListSHA256 = decoder.optionalText(), let isRefused = decoder.flag(),
            let hasMismatch = decoder.flag()
        else { return nil }
        self.init(
            requestCount: requestCount, extractedAt: Timestamp(epochMilliseconds: extractedAt),
            requestListSHA256: requestListSHA256, isRefused: isRefused)
        guard hasMismatch else { return }
        guard let kind = decoder.text().flatMap(FailureKind.init(rawValue:)),
            let code = decoder.text(), let message = decoder.text()
        else { return nil }
        mismatch = ArchivedMismatch(kind: kind, code: code, message: message)
    }
}
