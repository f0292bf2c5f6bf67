/// What a lane, or the thread that waits for results, gets when it asks the board.
public enum LaneClaim<Item> {
    case item(Item)
    /// Nothing now; ask again after the next completion.
    case wait
    /// Nothing any more.
    case done
}

extension LaneClaim: Sendable where Item: Sendable {}

/// Decides what is worked on next: a value without threads, events in and actions out.
///
/// A ``LaneGroup`` calls it under one lock, so an implementation needs none of its own. After every
/// ``complete(_:with:)`` and ``collect()`` that returned an item, waiting lanes ask again.
public protocol LaneBoard {
    /// What a lane works on.
    associatedtype Job: Sendable
    /// What a lane brings back.
    associatedtype Outcome: Sendable
    /// What the caller of the group receives, in the order the board decides.
    associatedtype Output: Sendable

    /// Called by a lane that is free.
    mutating func claim() -> LaneClaim<Job>

    /// Called by the lane that claimed `job`, once.
    mutating func complete(_ job: Job, with outcome: Outcome)

    /// Called on the thread that runs the group, whenever something has changed. After `.done` it
    /// is not called again, and lanes claim nothing more.
    mutating func collect() -> LaneClaim<Output>
}
