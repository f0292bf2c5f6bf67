import BoundedDispatch
public import ExportModel
import ObjectStorage

/// The clocks of this machine, for how old a lease is.
public struct LeaseClock: Sendable {
    /// Milliseconds of a clock that never jumps back; it may stand still while a machine sleeps.
    public var monotonicMilliseconds: @Sendable () -> Int64
    /// The time of day, which does not.
    public var now: @Sendable () -> Timestamp

    public init(
        monotonicMilliseconds: @escaping @Sendable () -> Int64,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.monotonicMilliseconds = monotonicMilliseconds
        self.now = now
    }

    /// A moment by both.
    struct Moment {
        var monotonic: Int64
        var timeOfDay: Int64
    }

    var moment: Moment {
        Moment(monotonic: monotonicMilliseconds(), timeOfDay: now().epochMilliseconds)
    }

    /// Milliseconds, by the clock that saw more of them.
    func age(of moment: Moment) -> Int64 {
        max(
            monotonicMilliseconds() - moment.monotonic,
            now().epochMilliseconds - moment.timeOfDay)
    }
}

/// The right of one run to publish the partitions of a pipeline, or of a shard, in a store.
///
/// It is the newest object below `_locks/<name>/`, and ends by itself a while after it was written
/// last, by the store's clock. Whoever finds it ended makes the next. So two machines may believe
/// for a moment that they hold it, if one of them was stopped meanwhile: that one finds out before
/// it writes again, and what it was writing is refused by the store (`If-Match`).
///
/// Any thread may call.
public final class StoreLease: Sendable {
    /// What it is renewed with.
    struct State {
        var known: KnownStore
        var record: LeaseRecord
        var etag: ETag
        /// Before it was written last.
        var confirmed: LeaseClock.Moment
        /// Why it is not held any more.
        var end: PartitionError?
        var isReleased = false
    }

    /// How long a lease lasts without being renewed.
    public static let seconds: Int64 = 60
    /// How often it is renewed.
    public static let beatMilliseconds = Int(seconds * 1_000 / 4)

    let name: LeaseName
    let epoch: Int
    private let clock: LeaseClock
    private let onLoss: @Sendable (PartitionError) -> Void
    private let state: Guarded<State>

    /// - Parameter onLoss: called once, where another run took it over.
    init(
        _ name: LeaseName, epoch: Int, clock: LeaseClock, _ state: sending State,
        onLoss: @escaping @Sendable (PartitionError) -> Void
    ) {
        self.name = name
        self.epoch = epoch
        self.clock = clock
        self.onLoss = onLoss
        self.state = Guarded(state)
    }

    /// Renews it, if that is possible now. To be called every ``beatMilliseconds``.
    public func beat() {
        do throws(PartitionError) {
            try confirm()
        } catch {
            // Whoever writes next finds out by ``check()``.
        }
    }

    /// Makes sure that nobody else holds it now, or could before a short request ends. To be called
    /// before each request that changes something that readers see.
    ///
    /// - Throws: ``PartitionError/Code/leaseLost``, or why it could not be renewed for so long that
    ///   another run might take it over.
    func check() throws(PartitionError) {
        try use { (state) throws(PartitionError) in
            let limit = state.record.seconds * 1_000
            guard self.clock.age(of: state.confirmed) > limit / 2 else { return }
            do throws(PartitionError) {
                try self.renew(&state)
            } catch {
                if state.end != nil || self.clock.age(of: state.confirmed) > limit * 3 / 4 {
                    throw error
                }
            }
        }
    }

    /// Renews it.
    ///
    /// - Throws: ``PartitionError/Code/leaseLost``, or why the store could not be reached.
    func confirm() throws(PartitionError) {
        try use { (state) throws(PartitionError) in try self.renew(&state) }
    }

    /// Lets the next run begin at once. Nothing may be published after it.
    func release() throws(PartitionError) {
        try use { (state) throws(PartitionError) in
            state.record.isReleased = true
            _ = try self.write(&state)
            state.isReleased = true
        }
    }

    /// Holds the lease's own lock, but not while others are told of its loss.
    private func use(
        _ body: (inout State) throws(PartitionError) -> Void
    ) throws(PartitionError) {
        let (failure, isNew) = state.withLock { state -> (PartitionError?, Bool) in
            if state.isReleased { return (nil, false) }
            if let end = state.end { return (end, false) }
            do throws(PartitionError) {
                try body(&state)
                return (nil, false)
            } catch {
                return (error, state.end != nil)
            }
        }
        guard let failure else { return }
        if isNew { onLoss(failure) }
        throw failure
    }

    private func renew(_ state: inout State) throws(PartitionError) {
        let begun = clock.moment
        guard try write(&state), try isNewest(state) else {
            let error = try lost(state)
            state.end = error
            throw error
        }
        state.confirmed = begun
    }

    /// - Returns: false where somebody else overwrote or removed it.
    private func write(_ state: inout State) throws(PartitionError) -> Bool {
        state.record.beat += 1
        let written = try asking(
            try state.known.put(
                .bytes(state.record.json), at: name.key(epoch), replacing: state.etag))
        guard let written else { return false }
        state.etag = written.etag
        return true
    }

    private func isNewest(_ state: State) throws(PartitionError) -> Bool {
        try newest(state)?.epoch == epoch
    }

    private func newest(
        _ state: State
    ) throws(PartitionError) -> (key: String, epoch: Int)? {
        try asking(try state.known.list(name.directory + "/", isFlat: true))
            .compactMap { object in name.parse(object.key).map { (object.key, $0.epoch) } }
            .max { $0.1 < $1.1 }
    }

    private func lost(_ state: State) throws(PartitionError) -> PartitionError {
        var thief = "another run"
        if let newest = try newest(state), newest.epoch > epoch {
            let found = try asking(
                try state.known.store.get(
                    newest.key, ifMatch: nil, maximumByteCount: StoreLease.maximumByteCount))
            thief = found.flatMap { LeaseRecord(json: $0.bytes) }?.holder.name ?? thief
            // Without If-Match it was written again although a newer one stands.
            if state.known.conditions != .full {
                try asking(try state.known.store.delete(name.key(epoch)))
            }
        }
        return PartitionError(
            .leaseLost,
            "\(thief) took over the lease of \(state.known.store.uri), which this run did not renew "
                + "in time; what is published stays, run again")
    }

    static let maximumByteCount = 1 << 16
}
