import ExportModel

/// When the calls of one endpoint and account began, by arithmetic: nothing is stored.
///
/// Calls are numbered from 0 in time order, `rowsPerDay` to each UTC day. Each has its own slice of
/// the day, so the time of any call and the count of calls up to any moment cost no walk. Slices are
/// short in working hours.
struct CallTimeline: Sendable {
    private static let dayMilliseconds: Int64 = 86_400_000
    private static let hourMilliseconds: Int64 = 3_600_000
    /// How busy each UTC hour is: most calls come while offices from Asia to Europe are open.
    private static let hourWeights: [Int64] = [
        2, 3, 6, 12, 14, 14, 12, 10, 12, 14, 14, 12, 10, 6, 5, 4, 3, 2, 2, 1, 1, 1, 1, 2,
    ]
    private static let weightSum = hourWeights.reduce(0, +)

    /// Seed of the endpoint and account.
    let seed: UInt64
    /// Calls of each UTC day.
    let rowsPerDay: Int
    /// Days since 1970-01-01
    let firstDay: Int64
    /// Days with calls.
    let dayCount: Int64
    /// Times are multiples of it: 1 or 1,000.
    let resolutionMilliseconds: Int64

    init(options: SimulatorOptions, seed: UInt64, resolutionMilliseconds: Int64) {
        self.seed = seed
        self.resolutionMilliseconds = resolutionMilliseconds
        rowsPerDay = options.rowsPerDay
        firstDay = Int64(options.firstDay.daysSinceEpoch)
        dayCount = max(Int64(options.endDay.daysSinceEpoch) - firstDay, 0)
    }

    /// Epoch milliseconds; never earlier than the call before. One call in 16 begins in the slice
    /// of the call before, and many of those begin together with it.
    func time(of call: Int) -> Int64 {
        let (day, index) = call.quotientAndRemainder(dividingBy: rowsPerDay)
        let isEarly = index > 0 && SeededDraw.mix(seed ^ ~UInt64(call)) & 15 == 0
        let time = ownTime(day: day, index: isEarly ? index - 1 : index)
        return time - time % resolutionMilliseconds
    }

    /// Calls that began at `moment` (epoch milliseconds) or before.
    func count(through moment: Int64) -> Int {
        let day = moment / Self.dayMilliseconds - firstDay
        guard moment >= 0, day >= 0, rowsPerDay > 0 else { return 0 }
        guard day < dayCount else { return Int(dayCount) * rowsPerDay }
        let before = Int(day) * rowsPerDay
        var low = 0
        var high = rowsPerDay
        while low < high {
            let middle = (low + high) / 2
            if time(of: before + middle) <= moment { low = middle + 1 } else { high = middle }
        }
        return before + low
    }

    private func ownTime(day: Int, index: Int) -> Int64 {
        let start = sliceStart(index)
        let end = sliceStart(index + 1)
        let jitter = SeededDraw.mix(seed ^ UInt64(day * rowsPerDay + index))
        return (firstDay + Int64(day)) * Self.dayMilliseconds + start
            + Int64(jitter % UInt64(max(end - start, 1)))
    }

    /// Milliseconds of the day before the slice of a call.
    private func sliceStart(_ index: Int) -> Int64 {
        var share = Int64(index) * Self.weightSum * Self.hourMilliseconds / Int64(rowsPerDay)
        for (hour, weight) in Self.hourWeights.enumerated() {
            let hourShare = weight * Self.hourMilliseconds
            if share < hourShare { return Int64(hour) * Self.hourMilliseconds + share / weight }
            share -= hourShare
        }
        return Self.dayMilliseconds
    }
}
