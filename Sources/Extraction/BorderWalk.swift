import BoundedDispatch
import ExportModel

/// Decides to which of two neighboring windows the unreadable records at their border belong.
///
/// Both windows ask for a second beyond it, so both see them, and without a time neither can place
/// them. The provider can: what it lists for the time before the border is the earlier window's.
/// Both windows ask the same two questions, so whatever the provider thinks of bounds, they get the
/// same answer.
struct BorderWalk: Sendable {
    /// What both windows ask for, and the part of it before the border. The latter begins a second
    /// earlier, so that it is never empty where times have whole seconds.
    let zone: TimeRange
    private let before: TimeRange
    private let rules: WalkRules
    /// The question that is asked now.
    private var walk: any SliceWalking
    private var inZone: UntimedRecords?
    /// Identifies the walk at work among all of the window's.
    private(set) var identifier: Int
    /// The records that belong to the earlier and to the later window; nil until it is known.
    private(set) var owned: (earlier: UntimedRecords, later: UntimedRecords)?

    /// Identifiers a border takes.
    static let identifierCount = 2

    /// - Parameter zone: what both windows ask for at the border.
    init(at bound: Timestamp, in zone: TimeRange, identifier: Int, rules: WalkRules) {
        self.identifier = identifier
        self.zone = zone
        before = TimeRange(
            start: zone.start.advanced(milliseconds: -1_000),
            end: bound.advanced(milliseconds: -1))
        self.rules = rules
        walk = rules.walk(zone, asked: zone, mayCut: false)
    }

    /// The next piece of work for a lane of this kind.
    mutating func claim(_ kind: LaneKind) -> WalkJob? {
        owned == nil ? walk.claim(kind, as: identifier) : nil
    }

    /// Takes what a lane brought back.
    ///
    /// - Returns: why the question cannot be answered; nil if it can, or may yet.
    mutating func receive(_ outcome: WalkOutcome, of job: WalkJob) -> ExtractionError? {
        guard owned == nil, walk.round == job.round else { return nil }
        switch walk.decide(on: outcome, of: job) {
        case .goOn, .split, .divided: return nil
        case .failed(let error): return error
        case .verified(let assembled):
            let found = UntimedRecords(assembled.untimed)
            if let inZone {
                let divided = inZone.divided(by: found)
                owned = (divided.shared, divided.rest)
            } else if found.isEmpty {
                owned = (found, found)
            } else {
                inZone = found
                identifier += 1
                walk = rules.walk(before, asked: before, mayCut: false)
            }
            return nil
        }
    }
}
