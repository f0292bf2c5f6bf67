/// The records of one window, newest first: a stretch of a timeline with what drift added to it,
/// and without what left it.
struct CallStretch {
    /// A record that drift brought.
    struct Addition {
        var number: Int
        var time: Int64
        /// Calls of the timeline up to `time`.
        var rank: Int
    }

    /// All calls of the endpoint and account but the additions.
    let timeline: CallTimeline
    /// Owner of the records.
    let account: String
    /// Number of the oldest call of the timeline in the window.
    let first: Int
    /// One more than the number of the newest.
    let end: Int
    /// Newest first
    let additions: [Addition]
    /// Numbers of the timeline's calls that have left the window, newest first.
    let departures: [Int]

    /// Records of the window.
    var count: Int { end - first + additions.count - departures.count }

    /// The records at `positions`, counted from the newest.
    func calls(at positions: Range<Int>) -> [Call] {
        var found: [Call] = []
        found.reserveCapacity(positions.count)
        // An addition comes before every call of the timeline that is as old as it or older.
        var next =
            additions.indices.first { place(of: $0) >= positions.lowerBound }
            ?? additions.endIndex
        for position in positions {
            if next < additions.endIndex, place(of: next) == position {
                found.append(call(additions[next].number, time: additions[next].time))
                next += 1
            } else {
                let number = number(ofRemaining: position - next)
                found.append(call(number, time: timeline.time(of: number)))
            }
        }
        return found
    }

    /// Position of an addition among all records of the window.
    private func place(of addition: Int) -> Int {
        let rank = additions[addition].rank
        return end - rank + addition - departures.count { $0 >= rank }
    }

    /// Number of the timeline's call at an index among those that have not left, from the newest.
    private func number(ofRemaining index: Int) -> Int {
        var number = end - 1 - index
        for departure in departures where departure >= number { number -= 1 }
        return number
    }

    private func call(_ number: Int, time: Int64) -> Call {
        Call(account: account, number: number, time: time, streamSeed: timeline.seed)
    }
}
