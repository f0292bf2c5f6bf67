import ExportModel
import Extraction
import Logging
import Planning
import RunLedger

extension WindowRun {
    /// Takes what an earlier run journaled, and walks the rest.
    func resume(
        _ intake: WindowIntake, _ requests: RequestIDs?
    ) throws(ExportError) -> AccountWalk {
        if let range = planned.window.range, requests == nil {
            return extractor.walk(range, resumed: try resumed(intake, range: range))
        }
        let ids = requests?.ids ?? []
        let (start, known) = try resumed(intake, ids: ids)
        return extractor.walk(ids: ids, from: start, known: known)
    }

    private func resumed(
        _ intake: WindowIntake, range: TimeRange
    ) throws(ExportError) -> ResumedSlices {
        var resumed = ResumedSlices()
        try intake.replay { (slice) throws(ExtractionError) in
            let restored = try extractor.restore(
                range: slice.range, bodies: slice.pages.map(PageBody.init(journaled:)),
                foreign: slice.foreign)
            return resumed.add(restored, of: range)
        }
        return intake.wasReset ? ResumedSlices() : resumed
    }

    private func resumed(
        _ intake: WindowIntake, ids: [String]
    ) throws(ExportError) -> (start: Int, known: Int?) {
        var reached = 0
        var known: Int?
        try intake.replay { (slice) throws(ExtractionError) in
            let restored = try extractor.restore(
                range: nil, bodies: slice.pages.map(PageBody.init(journaled:)))
            let asked = slice.requests ?? 0..<0
            let answered = Set(slice.pages.map(\.number))
            known = slice.pages.last.map { $0.number - 1 } ?? known
            var whole = restored.slice
            whole.unknownRequestIDs = asked.filter { !answered.contains($0 + 1) }.map {
                UnknownRequestID(number: $0 + 1, id: ids[$0])
            }
            reached = asked.upperBound
            return whole
        }
        return intake.wasReset ? (0, nil) : (reached, known)
    }

    /// The journal of an earlier run, or a new one.
    func openJournal(
        _ standing: PartitionOutcome?, _ requests: RequestIDs?
    ) throws(ExportError) -> PageJournal {
        let fingerprint = PlanFingerprint.journal(
            of: stream, window: planned.window, requests: requests, standing: standing)
        let journal = try storing { () throws(LedgerError) in
            try PageJournal.open(
                in: shared.ledger.directory, of: entry.identity, fingerprint: fingerprint,
                disk: shared.environment.disk)
        }
        switch journal.origin {
        case .fresh: break
        case .resumed(let count, _):
            shared.environment.logger.info(
                "\(entry.identity): resumes after \(count) slices of an earlier run")
        case .setAside(let path, let reason):
            shared.environment.logger.notice(
                "\(entry.identity): a journal was set aside at \(path): \(reason)")
        }
        return journal
    }
}
