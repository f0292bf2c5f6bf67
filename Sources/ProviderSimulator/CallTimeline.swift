import ExportModel

/// When the calls of one endpoint and account began, by arithmetic: nothing is stored.
///
/// Calls are numbered from 0 in time order, `rowsPerDay` to each UTC day. Each has its own slice of
/// the day, so the time of any call and the count of calls up to any moment cost no walk.
struct CallTimeline: Sendable {
    private static let dayMilliseconds: Int64 = 86_400_000

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
        let start = Int64(index) * Self.dayMilliseconds / Int64(rowsPerDay)
        let end = Int64(index + 1) * Self.dayMilliseconds / Int64(rowsPerDay)
        let jitter = SeededDraw.mix(seed ^ UInt64(day * rowsPerDay + index))
        return (firstDay + Int64(day)) * Self.dayMilliseconds + start
            + Int64(jitter % UInt64(max(end - start, 1)))
    }
}
