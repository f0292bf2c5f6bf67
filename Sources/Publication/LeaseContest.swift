import ExportModel
import ObjectStorage

/// What a run needs to take a lease.
public struct LeaseRequest: Sendable {
    public var name: LeaseName
    public var holder: LeaseHolder
    /// Runs of which this machine knows that their processes are gone, whatever their leases say.
    public var endedRuns: Set<String>
    public var clock: LeaseClock
    /// Called once, where another run takes the lease over later.
    public var onLoss: @Sendable (PartitionError) -> Void

    public init(
        name: LeaseName, holder: LeaseHolder, endedRuns: Set<String>, clock: LeaseClock,
        onLoss: @escaping @Sendable (PartitionError) -> Void
    ) {
        self.name = name
        self.holder = holder
        self.endedRuns = endedRuns
        self.clock = clock
        self.onLoss = onLoss
    }
}

/// Takes a lease, and learns on the way which conditions the store honors: the object that is this
/// run's own is as good for that as any other.
///
/// What makes it safe: an epoch is made where nothing stands; whoever made it looks again before it
/// counts, whether a newer one stands (a list may be old, and epochs are removed) and whether the one
/// before was renewed after all. A holder looks again whenever it renews its own. So of two, at
/// least one sees the other.
struct LeaseContest {
    /// Another run takes the epoch, and is gone, so often.
    private static let maximumRounds = 8

    /// What it ended with.
    struct Outcome {
        var known: KnownStore
        var quoting = ETagQuoting.quoted
        /// nil where the store honors no condition.
        var lease: StoreLease?
        /// Held the lease before and did not release it.
        var formerHolder: LeaseHolder?
    }

    private typealias Epochs = [LeaseName: [Int: ObjectStatus]]

    private let request: LeaseRequest
    private let stores: @Sendable (ETagQuoting) -> any ObjectStore
    private let store: any ObjectStore
    private var record: LeaseRecord

    init(
        _ request: LeaseRequest, _ stores: @escaping @Sendable (ETagQuoting) -> any ObjectStore
    ) {
        self.request = request
        self.stores = stores
        store = stores(.quoted)
        record = LeaseRecord(request.holder, seconds: StoreLease.seconds)
    }

    /// - Throws: ``PartitionError/Code/leaseHeld``, with nothing left in the store.
    mutating func run() throws(PartitionError) -> Outcome {
        for _ in 0..<Self.maximumRounds {
            let seen = try epochs()
            var formerHolder: LeaseHolder?
            for (name, epochs) in seen where name.collides(with: request.name) {
                let found = try newest(epochs)
                if let found, !isOver(found) { throw held(by: found) }
                if name == request.name { formerHolder = found?.record?.unreleasedHolder }
            }
            let former = seen[request.name]?.max { $0.key < $1.key }
            let epoch = (former?.key ?? 0) + 1
            let begun = request.clock.moment
            guard let made = try make(epoch) else { continue }
            guard let etag = made else {
                return Outcome(known: KnownStore(store: store), formerHolder: formerHolder)
            }
            guard try isStill(epoch, after: former) else { continue }
            let (known, quoting, last) = try learn(epoch, etag)
            for older in seen[request.name, default: [:]].values {
                try asking(try store.delete(older.key))
            }
            let state = StoreLease.State(known: known, record: record, etag: last, confirmed: begun)
            return Outcome(
                known: known, quoting: quoting,
                lease: StoreLease(
                    request.name, epoch: epoch, clock: request.clock, state,
                    onLoss: request.onLoss),
                formerHolder: formerHolder)
        }
        throw PartitionError(
            .leaseHeld,
            "other runs take the lease of \(store.uri) again and again; wait until they end")
    }

    // MARK: - What stands

    /// All epochs of all leases of the pipeline.
    private func epochs() throws(PartitionError) -> Epochs {
        let known = KnownStore(store: store)
        var found: Epochs = [:]
        let objects = try asking(try known.list(request.name.commonPrefix, isFlat: true))
        for object in objects {
            guard let (name, epoch) = request.name.parse(object.key) else { continue }
            found[name, default: [:]][epoch] = object
        }
        return found
    }

    private struct Found {
        /// nil for what is no lease; it lasts as long as one.
        var record: LeaseRecord?
        var milliseconds: Int64
    }

    /// The newest of a lease's epochs, read; nil where it is gone meanwhile.
    private func newest(_ epochs: [Int: ObjectStatus]) throws(PartitionError) -> Found? {
        guard let newest = epochs.max(by: { $0.key < $1.key })?.value else { return nil }
        let object = try asking(
            try store.get(
                newest.key, ifMatch: nil, maximumByteCount: StoreLease.maximumByteCount))
        guard let object else { return nil }
        let now = object.status.storeDate ?? store.storeTime ?? object.status.lastModified
        return Found(
            record: LeaseRecord(json: object.bytes),
            milliseconds: now - object.status.lastModified)
    }

    private func isOver(_ found: Found) -> Bool {
        guard let record = found.record else { return remaining(found) < 0 }
        return record.isReleased || request.endedRuns.contains(record.holder.runID)
            || record.holder.runID == request.holder.runID || remaining(found) < 0
    }

    private func remaining(_ found: Found) -> Int64 {
        (found.record?.seconds ?? StoreLease.seconds) * 1_000 - found.milliseconds
    }

    private func held(by found: Found) -> PartitionError {
        let name = found.record?.holder.name ?? "another run"
        let seconds = max(remaining(found) / 1_000, 1)
        return PartitionError(
            .leaseHeld,
            "the output \(store.uri) is held by \(name); wait until it ends or stop it; if its "
                + "machine is gone, the lease ends in \(seconds) s")
    }

    // MARK: - Making one

    /// Makes an epoch.
    ///
    /// - Returns: nil where another run was faster; `.some(nil)` where the store does not honor
    ///   `If-None-Match`, with nothing left there.
    private mutating func make(_ epoch: Int) throws(PartitionError) -> ETag?? {
        let key = request.name.key(epoch)
        let made: ObjectStatus?
        do {
            let known = KnownStore(store: store, conditions: .absentOnly)
            made = try known.put(.bytes(record.json), at: key, replacing: nil)
        } catch {
            // Some stores do not know the header at all; what else they refuse, they refuse again.
            guard error.reason == .refused else { throw PartitionError(error) }
            try asking(try store.put(.bytes(record.json), at: key, if: .none))
            try asking(try store.delete(key))
            return .some(nil)
        }
        guard let made else { return nil }
        record.beat += 1
        do {
            try store.put(.bytes(record.json), at: key, if: .ifAbsent)
        } catch {
            guard error.reason == .conditionFailed else { throw PartitionError(error) }
            return made.etag
        }
        try asking(try store.delete(key))
        return .some(nil)
    }

    /// Looks again, and takes the epoch back where that shows another run.
    ///
    /// - Returns: false where a newer epoch stands.
    private func isStill(
        _ epoch: Int, after former: (key: Int, value: ObjectStatus)?
    ) throws(PartitionError) -> Bool {
        let seen = try epochs()
        let own = seen[request.name, default: [:]]
        var rival: Found?
        for (name, epochs) in seen where name != request.name && name.collides(with: request.name) {
            if let found = try newest(epochs), !isOver(found) { rival = found }
        }
        if let former, let now = own[former.key], now.etag != former.value.etag {
            rival = try newest([former.key: now])
        }
        let isNewest = own.keys.max() == epoch
        if isNewest, rival == nil { return true }
        try asking(try store.delete(request.name.key(epoch)))
        if let rival { throw held(by: rival) }
        return false
    }

    // MARK: - If-Match

    /// Renews the lease under conditions that must hold, and under one that must not.
    private mutating func learn(
        _ epoch: Int, _ etag: ETag
    ) throws(PartitionError) -> (KnownStore, ETagQuoting, ETag) {
        for quoting in [ETagQuoting.quoted, .unquoted] {
            let known = KnownStore(store: stores(quoting), conditions: .full)
            guard let renewed = try renew(epoch, etag, known) else { continue }
            guard let ignored = try renew(epoch, etag, known) else {
                return (known, quoting, renewed)
            }
            return (KnownStore(store: store, conditions: .absentOnly), .quoted, ignored)
        }
        return (KnownStore(store: store, conditions: .absentOnly), .quoted, etag)
    }

    /// - Returns: nil where the store refuses.
    private mutating func renew(
        _ epoch: Int, _ etag: ETag, _ known: KnownStore
    ) throws(PartitionError) -> ETag? {
        record.beat += 1
        do {
            let key = request.name.key(epoch)
            return try known.put(.bytes(record.json), at: key, replacing: etag)?.etag
        } catch {
            guard error.reason == .refused else { throw PartitionError(error) }
            return nil
        }
    }
}

extension LeaseRecord {
    fileprivate var unreleasedHolder: LeaseHolder? { isReleased ? nil : holder }
}
