import ExportModel
public import ObjectStorage
import Synchronization

/// A bucket in memory, which many machines use at once, each through a ``FakeObjectStore`` of its
/// own.
public final class FakeBucket: Sendable {
    /// What stands at a key.
    public struct Object: Hashable, Sendable {
        public var bytes: [UInt8]
        public var etag: ETag
        public var versionID: String?
        /// Epoch milliseconds.
        public var lastModified: Int64
        public var sha256: String
    }

    /// Which conditions of a PUT it honors.
    public struct Traits: Sendable {
        public var honorsIfAbsent = true
        public var honorsIfMatch = true
        /// nil: takes ETags with quotes and without.
        public var quoting: ETagQuoting?
        /// Refuses what it does not honor, instead of ignoring it.
        public var refusesConditions = false
        public var keepsVersions = false
        /// Keys of a page.
        public var pageSize = 1_000

        public init() {}
    }

    private struct State {
        var objects: [String: Object] = [:]
        var now: Int64
        var versionCount = 0
    }

    public let traits: Traits
    private let state: Mutex<State>

    /// - Parameter now: the store's clock, in epoch milliseconds; it moves when it is moved.
    public init(traits: Traits = Traits(), now: Int64 = 1_795_100_000_000) {
        self.traits = traits
        state = Mutex(State(now: now))
    }

    /// What stands there, by key.
    public var objects: [String: Object] { state.withLock { $0.objects } }

    /// The store's clock.
    public var now: Int64 { state.withLock { $0.now } }

    /// Moves the store's clock.
    public func advance(milliseconds: Int64) { state.withLock { $0.now += milliseconds } }

    /// Puts or removes something past all conditions, as a person with a console may.
    public func set(_ bytes: [UInt8]?, at key: String) {
        state.withLock { state in
            state.objects[key] = bytes.map { Self.object($0, traits, &state) }
        }
    }

    /// Puts back what ``objects`` was.
    public func restore(_ objects: [String: Object]) { state.withLock { $0.objects = objects } }

    // MARK: - Requests

    func put(
        _ bytes: [UInt8], at key: String, if condition: PutCondition, _ quoting: ETagQuoting
    ) throws(ObjectStorageError) -> Object {
        try state.withLock { (state) throws(ObjectStorageError) in
            try check(condition, state.objects[key], key, quoting)
            let object = Self.object(bytes, traits, &state)
            state.objects[key] = object
            return object
        }
    }

    private func check(
        _ condition: PutCondition, _ standing: Object?, _ key: String, _ quoting: ETagQuoting
    ) throws(ObjectStorageError) {
        let isHonored: Bool
        let holds: Bool
        switch condition {
        case .none: return
        case .ifAbsent: (isHonored, holds) = (traits.honorsIfAbsent, standing == nil)
        case .ifMatch(let etag):
            precondition(!etag.text.contains("\""), "ETags come without quotes")
            let isUnderstood = traits.quoting.map { $0 == quoting } ?? true
            (isHonored, holds) = (traits.honorsIfMatch, isUnderstood && standing?.etag == etag)
        }
        guard isHonored else {
            guard traits.refusesConditions else { return }
            throw ObjectStorageError(.refused, "\(key): this store knows no such header")
        }
        guard holds else { throw ObjectStorageError(.conditionFailed, "\(key): 412") }
    }

    /// The same bytes have the same ETag, as in stores that use MD5.
    private static func object(
        _ bytes: [UInt8], _ traits: Traits, _ state: inout State
    ) -> Object {
        let sha256 = ContentDigest.hexadecimal(of: bytes)
        state.versionCount += 1
        return Object(
            bytes: bytes, etag: ETag(String(sha256.prefix(32))),
            versionID: traits.keepsVersions ? "v\(state.versionCount)" : nil,
            lastModified: state.now / 1_000 * 1_000, sha256: sha256)
    }

    func delete(_ key: String) {
        _ = state.withLock { $0.objects.removeValue(forKey: key) }
    }
}
