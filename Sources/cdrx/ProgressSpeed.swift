import ExportRun

/// How fast a run goes, by what it did in the last seconds.
struct ProgressSpeed {
    private struct Sample {
        var moment: Int64
        /// By stream, then of all.
        var rows: [Int]
    }

    /// Speeds are of so long.
    static let spanMilliseconds: Int64 = 10_000
    private static let sampleMilliseconds: Int64 = 500

    /// The oldest first.
    private var samples: [Sample] = []

    /// Takes note of how far the run is.
    ///
    /// - Parameter moment: in milliseconds.
    mutating func note(_ progress: RunProgress, at moment: Int64) {
        if let last = samples.last, moment - last.moment < Self.sampleMilliseconds { return }
        let rows = progress.streams.map(\.rows)
        if samples.last?.rows.count != rows.count + 1 {
            let none = Array(repeating: 0, count: rows.count + 1)
            samples = progress.startedAt.map { [Sample(moment: $0, rows: none)] } ?? []
        }
        samples.append(Sample(moment: moment, rows: rows + [rows.reduce(0, +)]))
        while samples.count > 2, samples[1].moment <= moment - Self.spanMilliseconds {
            samples.removeFirst()
        }
    }

    /// Rows a second of each stream, then of all; nil before there is anything to compare.
    var rowsPerSecond: [Double?] {
        guard let first = samples.first, let last = samples.last else { return [] }
        let seconds = Double(last.moment - first.moment) / 1_000
        return zip(first.rows, last.rows).map {
            seconds > 0 ? max(Double($1 - $0) / seconds, 0) : nil
        }
    }
}
