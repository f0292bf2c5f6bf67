/// Names the hours that a clock shows, one after the other, so that no name comes twice.
struct HourWalk {
    /// A stretch of time under one name, to the start of the next one.
    struct Stretch {
        /// Local seconds at which the hour begins.
        var hour: Int64
        var isRepeated: Bool
        /// UTC seconds
        var start: Int64
    }

    private(set) var stretches: [Stretch] = []
    /// Latest hour so far: what is later than it is new.
    private var latestHour = Int64.min
    private var repeatedHours: Set<Int64> = []

    init() {}

    /// The clock comes to show `hour` at `start`.
    ///
    /// - Parameter isCut: the clock came into the middle of the hour.
    mutating func append(hour: Int64, isCut: Bool, start: Int64) {
        if let last = stretches.last, last.hour == hour, isCut { return }
        if hour > latestHour {
            latestHour = hour
            stretches.append(Stretch(hour: hour, isRepeated: false, start: start))
            return
        }
        // A third time under one name would need a third name: it lengthens the hour before.
        if repeatedHours.insert(hour).inserted {
            stretches.append(Stretch(hour: hour, isRepeated: true, start: start))
        }
    }
}
