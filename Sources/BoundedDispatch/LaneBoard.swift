/// What a lane does most of its time.
public enum LaneKind: Int, CaseIterable, Sendable {
    /// Waits for a provider; there may be many more of these lanes than cores.
    case request
    /// Keeps a core busy.
    case compute
    /// Waits for a disk.
    case storage
}

/// What a lane, or the thread that waits for results, gets when it asks the board.
public enum LaneClaim<Item> {
    case item(Item)
    /// Nothing now; there may be something after the next completion.
    case wait
    /// Nothing now; there may be something after so many milliseconds, or the next completion.
    case pause(milliseconds: Int64)
    /// Nothing any more.
    case done
}

extension LaneClaim: Sendable where Item: Sendable {}

/// Decides what is worked on next: a value without threads, events in and actions out.
///
/// A ``LaneGroup`` calls it under one lock, so an implementation needs none of its own, and should
/// only decide there. After every ``complete(_:with:)`` and ``collect()`` the board is asked again
/// on behalf of whoever waits, until it has nothing for them.
public protocol LaneBoard {
    /// What a lane works on.
    associatedtype Job: Sendable
    /// What a lane brings back.
    associatedtype Outcome: Sendable
    /// What the caller of the group receives, in the order the board decides.
    associatedtype Output: Sendable

    /// Called for a lane of this kind that is free.
    mutating func claim(_ kind: LaneKind) -> LaneClaim<Job>

    /// Called by the lane that claimed `job`, once.
    mutating func complete(_ job: Job, with outcome: Outcome)

    /// Called for the thread that runs the group, whenever something has changed. After `.done` it
    /// is not called again, and lanes claim nothing more.
    mutating func collect() -> LaneClaim<Output>

    /// Called once when the token of the group stops.
    ///
    /// - Returns: true if the board ends its work itself: it is asked for jobs as before. false, the
    ///   default: no job is claimed any more.
    mutating func stop() -> Bool
}

extension LaneBoard {
    public mutating func stop() -> Bool { false }
}
