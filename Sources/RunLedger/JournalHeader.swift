import ExportModel

/// The first record of a journal: what it is a journal of.
struct JournalHeader: Equatable {
    static let magic = "cdrx journal"
    static let version: UInt32 = 1

    var fingerprint: String
    var identity: WindowIdentity

    init(fingerprint: String, identity: WindowIdentity) {
        self.fingerprint = fingerprint
        self.identity = identity
    }

    /// - Throws: why the record cannot be read, in words.
    init(_ bytes: [UInt8]) throws(JournalFlaw) {
        var decoder = JournalDecoder(bytes)
        guard decoder.text() == Self.magic, let version = decoder.integer(UInt32.self) else {
            throw JournalFlaw("it is no journal")
        }
        guard version == Self.version else {
            throw JournalFlaw("its version is \(version), not \(Self.version)")
        }
        guard let fingerprint = decoder.text(), let pipeline = decoder.text(),
            let stream = decoder.text(), let account = decoder.text(),
            let window = decoder.text(), decoder.isAtEnd
        else { throw JournalFlaw("its header is malformed") }
        self.fingerprint = fingerprint
        identity = WindowIdentity(
            pipeline: pipeline, stream: stream, account: account, window: window)
    }

    /// Why a journal that was begun with another header is not this one's; nil if it is, or if it
    /// was cut before its header ended.
    func flaw(of found: JournalHeader?) -> JournalFlaw? {
        guard let found, found != self else { return nil }
        return JournalFlaw(
            found.identity == identity
                ? "it was begun under another plan" : "it is of another window")
    }

    var bytes: [UInt8] {
        var encoder = JournalEncoder()
        encoder.append(Self.magic)
        encoder.append(Self.version)
        encoder.append(fingerprint)
        encoder.append(identity.pipeline)
        encoder.append(identity.stream)
        encoder.append(identity.account)
        encoder.append(identity.window)
        return encoder.bytes
    }
}

/// Why a journal cannot be trusted.
struct JournalFlaw: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}
