import BoundedDispatch
import Foundation
import ParquetEncoding

/// Encodes row groups side by side. Lanes change the speed, never a byte.
struct ParquetRowGroupEncoder {
    /// More lanes would hold more row groups in memory than they are worth.
    private static let mostLanes = 4

    /// Row groups to be given at once, so that no lane is idle.
    let laneCount: Int
    private let encoder: RowGroupEncoder

    init(
        _ encoder: RowGroupEncoder,
        processorCount: Int = ProcessInfo.processInfo.activeProcessorCount
    ) {
        self.encoder = encoder
        laneCount = max(min(processorCount, Self.mostLanes), 1)
    }

    /// Encodes row groups and hands them on in their order, on the calling thread.
    func encode(
        _ groups: [RowGroupRows], _ consume: (EncodedRowGroup) -> Void
    ) throws(ParquetEncodingError) {
        guard groups.count > 1, laneCount > 1 else {
            for group in groups { consume(try encoder.encode(group)) }
            return
        }
        let lanes = LaneGroup(computeLanes: min(laneCount, groups.count), label: "cdrx.row-groups")
        let encoder = encoder
        _ = try lanes.run(
            RowGroupBoard(groups), stop: StopToken(), makeContext: { () },
            perform: { (_: inout Void, job) in
                Result { () throws(ParquetEncodingError) in try encoder.encode(job.rows) }
            },
            consume: { (encoded) throws(ParquetEncodingError) in consume(try encoded.get()) })
    }
}

/// Hands out row groups in order, and their encoded forms in the same order.
private struct RowGroupBoard: LaneBoard, Sendable {
    struct Job: Sendable {
        var index: Int
        var rows: RowGroupRows
    }

    typealias Outcome = Result<EncodedRowGroup, ParquetEncodingError>

    private var waiting: ArraySlice<Job>
    private var outcomes: [Outcome?]
    private var collectedCount = 0

    init(_ groups: [RowGroupRows]) {
        waiting = groups.enumerated().map { Job(index: $0.offset, rows: $0.element) }[...]
        outcomes = Array(repeating: nil, count: groups.count)
    }

    mutating func claim(_ kind: LaneKind) -> LaneClaim<Job> {
        waiting.popFirst().map { .item($0) } ?? .done
    }

    mutating func complete(_ job: Job, with outcome: Outcome) {
        outcomes[job.index] = outcome
    }

    mutating func collect() -> LaneClaim<Outcome> {
        guard collectedCount < outcomes.count else { return .done }
        guard let outcome = outcomes[collectedCount] else { return .wait }
        outcomes[collectedCount] = nil
        collectedCount += 1
        return .item(outcome)
    }
}
