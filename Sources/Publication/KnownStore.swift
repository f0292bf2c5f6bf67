import ExportModel
import ObjectStorage

/// Which conditions of a PUT a store honors.
public enum WriteConditions: String, CaseIterable, Sendable {
    /// None: nothing but this machine's own lock keeps two writers apart.
    case none
    /// `If-None-Match: *`
    case absentOnly = "absent_only"
    /// `If-None-Match: *` and `If-Match`
    case full
}

/// A store, and what is known of it.
struct KnownStore: Sendable {
    var store: any ObjectStore
    var conditions = WriteConditions.none

    /// Stores an object where nothing, or only what was seen, stands, as far as the store can say
    /// so.
    ///
    /// An attempt whose answer was lost is repeated by the store and then refused, so that a refusal
    /// is no failure where the object that stands has the same bytes.
    ///
    /// - Parameter standing: what was seen; nil: nothing.
    /// - Returns: nil where another writer came in between.
    func put(
        _ body: ObjectBody, at key: String, replacing standing: ETag?
    ) throws(ObjectStorageError) -> ObjectStatus? {
        do {
            return try store.put(body, at: key, if: condition(standing))
        } catch {
            guard error.reason == .conditionFailed else { throw error }
            guard let found = try store.head(key), found.sha256 == body.sha256 else { return nil }
            return found
        }
    }

    private func condition(_ standing: ETag?) -> PutCondition {
        switch (conditions, standing) {
        case (.full, let etag?): .ifMatch(etag)
        case (.full, nil), (.absentOnly, nil): .ifAbsent
        case (.absentOnly, _), (.none, _): .none
        }
    }

    /// Everything below a prefix; with `isFlat: false` not what lies in directories there.
    func list(
        _ prefix: String, isFlat: Bool
    ) throws(ObjectStorageError) -> [ObjectStatus] {
        var found: [ObjectStatus] = []
        var token: String?
        repeat {
            let page = try store.list(prefix, after: token, isFlat: isFlat)
            found += page.objects
            token = page.next
        } while token != nil
        return found
    }
}

extension ObjectBody {
    /// Hexadecimal.
    fileprivate var sha256: String {
        switch self {
        case .bytes(let bytes): ContentDigest.hexadecimal(of: bytes)
        case .file(_, _, let sha256): sha256
        }
    }
}
