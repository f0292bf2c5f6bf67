/// The records of one window, newest first: a stretch of a timeline with what drift added to it.
struct WindowWalk {
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

    /// Records of the window.
    var count: Int { end - first + additions.count }

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
                let number = end - 1 - (position - next)
                found.append(call(number, time: timeline.time(of: number)))
            }
        }
        return found
    }

    /// Position of an addition among all records of the window.
    private func place(of addition: Int) -> Int {
        end - additions[addition].rank + addition
    }

    private func call(_ number: Int, time: Int64) -> Call {
        Call(account: account, number: number, time: time, streamSeed: timeline.seed)
    }
}
